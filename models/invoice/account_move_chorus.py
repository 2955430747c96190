"""The state of an invoice, its way into the queue, the limit of the first real deposit."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from psycopg2 import errors as pg_errors

from ..base.chorus_identity import is_siret
from ..base.chorus_states import (
    HELD_STATES,
    INVOICE,
    LEVELS,
    LINE,
    LIVE_STATES,
    MOVE_STATES,
    OWN_LIVE_STATES,
    level,
)
from ..base.transactions import wake
from ..notice.chorus_notice import TO_ACT
from ..notice.chorus_sentences import Reason

ENVIRONMENT_FIELD = {"production": "chorus_state", "test": "chorus_test_state"}


_SLOT_INDEX = "chorus_deposit_line_one_first_slot"


class AccountMove(models.Model):
    _inherit = "account.move"

    chorus_line_ids = fields.One2many(
        "chorus.deposit.line", "move_id", "Sent to Chorus Pro", readonly=True, copy=False
    )
    chorus_state = fields.Selection(
        MOVE_STATES, "Chorus Pro", readonly=True, copy=False, index="btree_not_null"
    )
    chorus_test_state = fields.Selection(
        MOVE_STATES, "Chorus Pro (test)", readonly=True, copy=False, index="btree_not_null"
    )
    chorus_level = fields.Selection(LEVELS, "Chorus Pro: level", compute="_compute_chorus_level")
    chorus_production_level = fields.Selection(LEVELS, compute="_compute_chorus_level")
    chorus_test_level = fields.Selection(LEVELS, compute="_compute_chorus_level")
    chorus_buyer_speaks = fields.Boolean(compute="_compute_chorus_level")
    chorus_waits = fields.Boolean("Chorus Pro: may be withdrawn", compute="_compute_chorus_waits")
    chorus_by_hand = fields.Boolean(compute="_compute_chorus_level", search="_search_chorus_by_hand")
    chorus_status_code = fields.Char("Chorus Pro status (code)", readonly=True, copy=False)
    chorus_status_label = fields.Char("Chorus Pro status", compute="_compute_chorus_words")
    chorus_status_aside = fields.Char(
        "Chorus Pro status beside the state",
        compute="_compute_chorus_words",
        help="The status in the words of Chorus Pro, unless the state has the same.",
    )
    chorus_status_at = fields.Datetime("Chorus Pro status since", readonly=True, copy=False)
    chorus_message = Reason("What Chorus Pro says", readonly=True, copy=False)
    chorus_sentence = fields.Char("What happens next", compute="_compute_chorus_words")
    chorus_event_ids = fields.One2many(
        "chorus.status.event", "move_id", "Chorus Pro statuses", readonly=True, copy=False
    )
    chorus_customer = fields.Boolean(
        "Chorus Pro customer", compute="_compute_chorus_customer", search="_search_chorus_customer"
    )
    chorus_deposit_count = fields.Integer(compute="_compute_chorus_deposit_count")

    @api.depends("chorus_state", "chorus_test_state", "chorus_status_code", "company_id.chorus_environment")
    @api.depends_context("lang")
    def _compute_chorus_words(self):
        words = self.env["chorus.words"]
        states = dict(self._fields["chorus_state"]._description_selection(self.env))
        for move in self:
            state = move.chorus_state or move.chorus_test_state
            told = move.chorus_status_code if state and INVOICE[state].told_by_status else False
            label = words._status_label(told)
            move.chorus_status_label = label
            move.chorus_status_aside = label if label and not states[state].startswith(label) else False
            environment = "production" if move.chorus_state else "test"
            waiting = move._chorus_why_waiting(environment) if state == "queued" else ""
            move.chorus_sentence = waiting or words._state_sentence(state, told)
        self._chorus_say_obstacles()

    def _chorus_say_obstacles(self):
        """An invoice whose connection cannot be used neither leaves nor is followed: its sentence says so."""
        on_the_way = self.filtered(lambda move: move.chorus_state or move.chorus_test_state)
        for (company, environment), moves in on_the_way.grouped(
            lambda move: (move.company_id, "production" if move.chorus_state else "test")
        ).items():
            not_sent, not_followed = self.env["chorus.connection"]._obstacles(company, environment)
            switched_off = company._chorus_why_waiting(environment)
            for move in moves if not_sent or not_followed else ():
                line = move._chorus_line(environment)
                if LINE[line.state].waits:
                    if not_sent:
                        move.chorus_sentence = switched_off or self.env._(
                            "It waits: nothing is sent to Chorus Pro now. %s", not_sent
                        )
                elif not_followed and line.live and (line.followed or line.state != "integrated"):
                    move.chorus_sentence = self.env._(
                        "%(sentence)s It is not followed now: %(reason)s",
                        sentence=move.chorus_sentence or "",
                        reason=not_followed,
                    )

    def _chorus_why_waiting(self, environment):
        """Return why this queued invoice does not leave within minutes, or ``""``."""
        if reason := self.company_id._chorus_why_waiting(environment):
            return reason
        waiting = self.sudo().chorus_line_ids.filtered(
            lambda line: line.environment == environment and LINE[line.state].waits
        )
        return (
            self.env._(
                "Odoo's database was restored, moved or started again while it waited: it is first looked for"
                " on Chorus Pro, and leaves by itself within about an hour if it is not there."
            )
            if waiting.filtered("doubtful_since")
            else ""
        )

    @api.depends("chorus_state", "chorus_test_state")
    def _compute_chorus_level(self):
        for move in self:
            production, test = INVOICE.get(move.chorus_state), INVOICE.get(move.chorus_test_state)
            told = production or test
            move.chorus_level = level(told)
            move.chorus_production_level, move.chorus_test_level = level(production), level(test)
            move.chorus_buyer_speaks = bool(told and told.buyer_speaks)
            move.chorus_by_hand = bool(told and told.code == "hand")

    @api.depends("chorus_line_ids.state")
    def _compute_chorus_waits(self):
        for move in self:
            move.chorus_waits = any(LINE[line.state].waits for line in move.sudo().chorus_line_ids)

    def _search_chorus_by_hand(self, operator, value):
        if operator != "in":
            return NotImplemented
        told = Domain("chorus_state", "=", "hand")
        return told if True in value else ~told

    @api.depends("chorus_line_ids")
    def _compute_chorus_deposit_count(self):
        for move in self:
            move.chorus_deposit_count = len(move.sudo().chorus_line_ids.deposit_id)

    @api.depends("commercial_partner_id", "company_id", "move_type")
    def _compute_chorus_customer(self):
        for move in self:
            move.chorus_customer = bool(
                move.is_sale_document()
                and move.commercial_partner_id
                and move.commercial_partner_id._is_chorus_customer(move.company_id)
            )

    def _search_chorus_customer(self, operator, value):
        if operator != "in":
            return NotImplemented
        partners = self.env["res.partner"].sudo()._search([("dematerialized_invoice_type", "=", "facturx")])
        wanted = [
            ("commercial_partner_id", "in", partners),
            ("move_type", "in", ("out_invoice", "out_refund")),
        ]
        return wanted if True in value else ["!", "&", *wanted]

    # -- state ----------------------------------------------------------------------------------------
    def _chorus_sync_state(self):
        """Write what the lines say on the invoices, in as few writes as there are different stories."""
        stories, told_anew = {}, self.browse()
        for move in self:
            production = move._chorus_line("production")
            test = move._chorus_line("test")
            told = production or test
            story = (
                ("chorus_state", production.summary_state or False),
                ("chorus_test_state", test.summary_state or False),
                ("chorus_status_code", told.status_code or False),
                ("chorus_status_at", told.status_at or False),
                ("chorus_message", told.message or told.status_comment or False),
            )
            changes = tuple((name, value) for name, value in story if move[name] != value)
            if changes:
                stories[changes] = stories.get(changes, self.browse()) | move
                if "chorus_state" in dict(changes):
                    told_anew |= move
        for changes, moves in stories.items():
            # A status is no entry: the checks of balances and sequences of an invoice's write are spared.
            models.BaseModel.write(moves.sudo(), dict(changes))
            self.env["chorus.live"]._changed(moves)
        told_anew._chorus_refresh_ereporting()
        self._chorus_sync_period()

    def _chorus_mark_sent(self):
        """An accepted production deposit is a sent invoice, for Odoo too."""
        waiting = self.filtered(lambda move: not move.is_move_sent).sudo()
        # No amount and no line changes: the entry need not be computed and balanced anew.
        waiting.with_context(
            skip_invoice_sync=True, check_move_validity=False, skip_is_manually_modified=True
        ).is_move_sent = True

    def _chorus_solved(self, environment):
        self.env["chorus.notice"]._solved(self, TO_ACT[environment])

    # -- queue ----------------------------------------------------------------------------------------
    def _chorus_queue(self, environment):
        """Put the invoices in the queue of ``environment``; no file is made and nothing is called here.

        The invoices' rows are locked and written, so that a click on a stale screen is retried by Odoo and
        then sees the first one; the partial unique index stands behind it.

        :return: dict move id → translated sentence, for those that could not be queued.
        """
        self.check_access("write")
        conflicts = {}
        free = self.sudo().try_lock_for_update(allow_referencing=True)
        for move in self - free:
            conflicts[move.id] = self.env._(
                "%s is being changed or sent by somebody else just now.", move.name
            )
        busy = (
            self.env["chorus.deposit.line"]
            .sudo()
            .search(
                [("move_id", "in", free.ids), ("environment", "=", environment), ("state", "in", LIVE_STATES)]
            )
            .move_id
        )
        for move in busy:
            conflicts[move.id] = self.env._("%s is already on its way to Chorus Pro.", move.name)
        waiting, places = (free - busy)._chorus_within_first_deposit(environment, conflicts)
        try:
            with self.env.cr.savepoint():
                waiting._chorus_insert_lines(environment, places)
        except pg_errors.UniqueViolation:
            for move in waiting:
                if conflict := move._chorus_insert_alone(environment, places):
                    conflicts[move.id] = conflict
        wake(self.env)
        return conflicts

    def _chorus_insert_lines(self, environment, places):
        """Insert a line for each invoice; ``places``: see :meth:`_chorus_within_first_deposit`."""
        taken = {company: iter(free) for company, free in places.items()}
        doubtful = self.env["chorus.database"]._doubtful(self) if environment == "production" else {}
        # The unique indexes must see which former lines are no longer live.
        self.env["chorus.deposit.line"].flush_model(["state"])
        self.env["chorus.deposit.line"].sudo().create(
            [
                {
                    "move_id": move.id,
                    "company_id": move.company_id.id,
                    "environment": environment,
                    "queued_by_id": self.env.user.id,
                    "first_slot": next(taken.get(move.company_id.id, iter(())), False),
                    "doubtful_since": doubtful.get(move),
                }
                for move in self
            ]
        )
        self.invalidate_recordset(["chorus_line_ids"])
        self._chorus_solved(environment)
        self._chorus_sync_state()

    def _chorus_withdraw(self, environment=None):
        """Take invoices back that have not left yet (queued, or in a file that still waits).

        :param str environment: only what waits for that one; None: for any
        :raises UserError: for an invoice that has left.
        """
        for line in self.sudo().chorus_line_ids.filtered(
            lambda line: LINE[line.state].waits and environment in (None, line.environment)
        ):
            deposit = line.deposit_id
            if not line.try_lock_for_update() or (deposit and not deposit.try_lock_for_update()):
                raise UserError(self.env._("%s is being sent just now.", line.move_id.name))
            others = deposit.line_ids - line
            if deposit:
                deposit._move_to("cancelled", lines_to="cancelled", message=False)
            else:
                line._move_to("cancelled", message=False)
            others._queue_again(queued=True)

    def action_chorus_withdraw(self):
        """Take back what has not left yet."""
        self.check_access("write")
        self._chorus_withdraw()
        return True

    # -- guards ---------------------------------------------------------------------------------------
    def _chorus_held(self, environment="production"):
        """Those that Chorus Pro holds or may hold."""
        return self.filtered(
            lambda move: any(
                line.environment == environment and line.state in HELD_STATES
                for line in move.sudo().chorus_line_ids
            )
        )

    @api.depends("chorus_state")
    def _compute_show_reset_to_draft_button(self):
        result = super()._compute_show_reset_to_draft_button()
        for move in self.filtered("chorus_state"):
            if move._chorus_held():
                move.show_reset_to_draft_button = False
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sent_to_chorus(self):
        if self.sudo().chorus_line_ids:
            raise UserError(
                self.env._("An invoice that went to Chorus Pro cannot be deleted: it must be kept ten years.")
            )

    def _chorus_check_may_follow(self):
        """Asking Chorus Pro is for people in accounting; customers read their invoices too, in the portal.

        :raises AccessError: for others
        """
        self.check_access("read")
        self.env["chorus.deposit"].check_access("read")

    # -- screens --------------------------------------------------------------------------------------
    def _chorus_ask_directory_anew(self):
        """Look up the customers of rejected invoices: what Chorus Pro knows of them may have changed."""
        wanted = []
        for company, moves in self.grouped("company_id").items():
            environment = company.sudo().chorus_environment
            rejected = moves.filtered(
                lambda move: environment and move._chorus_line(environment).state == "rejected"  # noqa: B023
            )
            sirets = {partner._chorus_siret() for partner in rejected.commercial_partner_id}
            if sirets := sorted(filter(is_siret, sirets)):
                wanted.append((self.env["chorus.connection"]._for(company, environment), sirets))
        if wanted:
            self.env["chorus.structure"].sudo()._look_up_all(wanted)

    def action_chorus_send(self):
        """Open the Send screen on the selected invoices."""
        self.check_access("read")
        self._chorus_ask_directory_anew()
        return self.env["chorus.send"].create({"move_ids": self.ids})._opened()

    def action_chorus_open_deposits(self):
        """Open the deposits that carried this invoice."""
        self._chorus_check_may_follow()
        return (
            self.sudo()
            .chorus_line_ids.deposit_id.sudo(False)
            ._get_records_action(name=self.env._("Chorus Pro deposits"))
        )

    # -- the limit of the first real deposit, whoever puts invoices in the queue

    def _chorus_within_first_deposit(self, environment, conflicts):
        """Return those of these invoices that the limit of the first real deposit lets go, and its places.

        Those of the company that are on their way already count.

        :param dict conflicts: gets, by move id, a translated sentence for each of the others.
        :return: (invoices, dict company id → list of free places; no entry where no limit holds)
        :rtype: tuple[account.move, dict[int, list[int]]]
        """
        allowed, places = self, {}
        for company, moves in self.grouped("company_id").items():
            limit = self._chorus_first_deposit_limit(company, environment)
            if limit is None:
                continue
            lines = (
                self.env["chorus.deposit.line"]
                .sudo()
                .search(
                    [
                        ("company_id", "=", company.id),
                        ("environment", "=", environment),
                        ("state", "in", OWN_LIVE_STATES),
                    ]
                )
            )
            used = set(lines.mapped("first_slot"))
            free = [place for place in range(1, limit + 1) if place not in used]
            places[company.id] = free[: max(limit - len(lines), 0)]
            held = moves[len(places[company.id]) :]
            allowed -= held
            for move in held:
                conflicts[move.id] = move._chorus_first_deposit_sentence(limit)
        return allowed, places

    def _chorus_first_deposit_limit(self, company, environment):
        connection = self.env["chorus.connection"]._for(company, environment)
        return connection._max_deposit_now() if connection else None

    def _chorus_first_deposit_sentence(self, limit):
        return self.env._(
            "%(invoice)s waits: until Chorus Pro has taken a first real invoice, no more than"
            " %(limit)s may be sent. An administrator can lift this limit on the connection.",
            invoice=self.name,
            limit=limit,
        )

    def _chorus_insert_alone(self, environment, places):
        """Queue one invoice after the whole click met an index: somebody else was faster.

        :param dict places: see :meth:`_chorus_within_first_deposit`.
        :return: ``""``, or a translated sentence that says why it was not queued.
        """
        self.ensure_one()
        free = places.get(self.company_id.id)
        for place in free if free is not None else [False]:
            try:
                with self.env.cr.savepoint():
                    self._chorus_insert_lines(environment, {self.company_id.id: [place]} if place else {})
                return ""
            except pg_errors.UniqueViolation as error:
                if error.diag.constraint_name != _SLOT_INDEX:
                    return self.env._("%s is already on its way to Chorus Pro.", self.name)
        limit = self._chorus_first_deposit_limit(self.company_id, environment)
        return self._chorus_first_deposit_sentence(limit)
