"""One channel for each invoice, unless a person says otherwise; which electronic road it takes, and why.

The road is the real story only: what was sent to the test space is on no road.
"""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..base.chorus_authority import BY_CODE
from ..base.chorus_channels import (
    CHANNEL_FIELDS,
    CHANNELS,
    DESPITE,
    FAILED,
    GONE,
    UNCERTAIN,
    UNSENT,
    standing,
)
from ..base.chorus_states import MOVE_STATES

CHORUS, PLATFORM, PEPPOL, OTHER, HAND, NONE = "chorus", "platform", "peppol", "other", "portal", "none"
ROADS = [
    (CHORUS, "Chorus Pro"),
    (PLATFORM, "Approved platform"),
    (PEPPOL, "Peppol"),
    (OTHER, "Another network"),
    (HAND, "By hand"),
    (NONE, "None yet"),
]
# In these states of an invoice, Chorus Pro has nothing of it and is not about to get it.
NOT_THERE = ("blocked", "failed", "rejected", "cancelled")
THERE = tuple(state for state, _label in MOVE_STATES if state not in (*NOT_THERE, "hand"))
# Nothing is known to have left by another channel.
NOT_GONE = [False, *filter(None, sorted(UNSENT | UNCERTAIN, key=str))]
# By the field that says that another channel has an invoice.
ROAD_OF_FIELD = {"peppol_message_uuid": PEPPOL, "fr_einvoicing_flow_id": PLATFORM}


class AccountMove(models.Model):
    _inherit = "account.move"

    chorus_may_go_despite = fields.Boolean(
        "May go by Chorus Pro all the same", compute="_compute_chorus_may_go_despite"
    )

    chorus_road = fields.Selection(
        ROADS,
        "Road",
        compute="_compute_chorus_road",
        search="_search_chorus_road",
        help="By which electronic road the invoice went to its buyer. It takes one, never two.",
    )
    chorus_road_note = fields.Char("Road, and why", compute="_compute_chorus_road_note")

    @api.depends(
        lambda self: [
            "chorus_despite", "state", "chorus_state",
            *(name for name in CHANNEL_FIELDS if name in self._fields),
        ]
    )  # fmt: skip
    def _compute_chorus_may_go_despite(self):
        for move in self:
            stands = move.state == "posted" and move.chorus_customer and move._chorus_in_the_way()
            move.chorus_may_go_despite = bool(
                stands and stands.kind != GONE and not move._chorus_busy("production")
            )

    def _chorus_other_channel(self):
        """How a person calls the other electronic channel that has, or may have, this invoice, or ``''``."""
        stands = self._chorus_in_the_way()
        return self._chorus_channel_words(stands)["channel"] if stands else ""

    def _chorus_channel_sentence(self):
        """Why another channel keeps this invoice from being deposited, or ``''``."""
        for code, params, record in self._chorus_channel_said():
            if code != DESPITE:
                return self._chorus_finding(code, params, record)["message"]
        return ""

    def action_chorus_despite(self):
        """A person states that the other channel does not have these invoices: Chorus Pro may have them.

        The Send screen opens.

        :raises UserError: for an invoice that another channel has, or about which nothing is to decide
        """
        self.check_access("write")
        if not self.env.user.has_group("account.group_account_invoice"):
            raise UserError(self.env._("Only people who may invoice can do this."))
        for move in self:
            stands = move._chorus_in_the_way()
            if not stands:
                raise UserError(
                    self.env._(
                        "Nothing keeps %s from being sent by Chorus Pro: nothing is to decide.", move.name
                    )
                )
            if stands.kind == GONE:
                raise UserError(move._chorus_channel_sentence())
            move.with_context(**BY_CODE).chorus_despite = stands.key
            words = move._chorus_channel_words(stands)
            move._message_log(
                body=self.env._(
                    "%(user)s decided that this invoice goes by Chorus Pro all the same (%(channel)s says:"
                    " %(state)s).",
                    user=self.env.user.name,
                    channel=words["channel"],
                    state=words["state"],
                )
            )
        return self.action_chorus_send()

    # -- which electronic road an invoice took, or takes, to its buyer: for lists, and in one sentence why

    @api.depends(
        lambda self: ["state", "move_type", "chorus_state", *(n for n in CHANNEL_FIELDS if n in self._fields)]
    )
    def _compute_chorus_road(self):
        on_platform = {company: self._chorus_on_platform(company) for company in self.company_id}
        for move in self:
            if not move.is_sale_document() or move.state == "draft":
                move.chorus_road = False
            elif move.chorus_state == "hand":
                move.chorus_road = HAND
            elif move.chorus_state in THERE:
                move.chorus_road = CHORUS
            else:
                stands = standing(move.sudo())
                road = NONE
                if stands and stands.kind != FAILED:
                    road = ROAD_OF_FIELD.get(stands.channel.sent, OTHER)
                move.chorus_road = PLATFORM if road == PEPPOL and on_platform[move.company_id] else road

    @api.model
    def _chorus_on_platform(self, company):
        """Whether the fields of Peppol tell of the approved platform, for a company that is on it."""
        company = company.sudo()
        known = hasattr(company, "_get_peppol_proxy_type")
        return known and company._get_peppol_proxy_type() == "pdp"

    def _search_chorus_road(self, operator, value):
        if operator != "in":
            return NotImplemented
        sold = Domain("move_type", "in", ("out_invoice", "out_refund")) & Domain("state", "!=", "draft")
        domains = self._chorus_road_domains()
        found = Domain.OR(domains[road] for road in value if road in domains)
        return (sold & found) | (~sold if False in value else Domain.FALSE)

    @api.model
    def _chorus_road_domains(self):
        """The condition of each road, on invoices that are no drafts.

        :rtype: dict[str, Domain]
        """
        here = Domain("chorus_state", "in", THERE)
        by_hand = Domain("chorus_state", "=", "hand")
        domains = {CHORUS: here, HAND: by_hand, PLATFORM: Domain.FALSE, PEPPOL: Domain.FALSE}
        domains[OTHER] = Domain.FALSE
        companies = self.env.companies.filtered(self._chorus_on_platform)
        elsewhere = Domain.FALSE
        for channel in CHANNELS:
            taken = self._chorus_channel_domain(channel) & ~elsewhere
            elsewhere |= taken
            road = ROAD_OF_FIELD.get(channel.sent, OTHER)
            if road == PEPPOL and companies:
                on_platform = Domain("company_id", "in", companies.ids)
                domains[PLATFORM] |= taken & on_platform
                taken &= ~on_platform
            domains[road] |= taken
        free = ~here & ~by_hand
        for road in (PLATFORM, PEPPOL, OTHER):
            domains[road] &= free
        domains[NONE] = free & ~elsewhere
        return domains

    @api.model
    def _chorus_channel_domain(self, channel):
        """The invoices that another channel has or had: what ``chorus_channels.standing`` says of one."""
        found = Domain.FALSE
        if channel.state in self._fields:
            found |= Domain(channel.state, "not in", NOT_GONE)
        if channel.sent in self._fields:
            found |= Domain(channel.sent, "!=", False)
        return found

    # ------------------------------------------------------------------ in one sentence
    @api.depends("chorus_road", "chorus_customer", "commercial_partner_id", "company_id")
    @api.depends_context("lang")
    def _compute_chorus_road_note(self):
        for move in self:
            move.chorus_road_note = move._chorus_road_sentence()

    def _chorus_road_sentence(self):
        """Which road the invoice took, or will take, and why, or ``False`` when Chorus Pro is no matter."""
        if self.chorus_road == HAND:
            return self.env._("This invoice was deposited on Chorus Pro by hand: it takes no other road.")
        if self.chorus_road == CHORUS:
            return self.env._("This invoice is with Chorus Pro, or on its way to it: it takes no other road.")
        if not self.chorus_customer or self.state == "cancel":
            return False
        if channel := self._chorus_other_channel():
            return self.env._(
                "This invoice is with %(channel)s, or may be: it is not sent to Chorus Pro as well.",
                channel=channel,
            )
        return self.commercial_partner_id._chorus_road_sentence(self.company_id)
