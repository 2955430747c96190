"""What Chorus Pro holds is not changed, whatever the way in: form, remote call, import, other module.

An invoice's content is what stands in its file. While the file waits here, a change takes the file back and
makes it anew; once Chorus Pro has it, or may have it, the change is refused, or allowed with a word on the
invoice where the books need it and the buyer's copy cannot follow. Only the production story counts: what was
sent to test is no reason to keep an invoice as it is.
"""

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL, html2plaintext

from ..base import moments
from ..base.chorus_authority import is_by_code

# Of the invoice itself, by field: never changed once the file has left.
FROZEN_FIELDS = {
    "name", "invoice_date", "delivery_date", "move_type", "company_id", "reversed_entry_id",
    "debit_origin_id",
    "partner_id", "commercial_partner_id", "partner_shipping_id",
    "currency_id", "invoice_currency_rate", "invoice_cash_rounding_id", "fiscal_position_id",
    "tax_totals", "quick_edit_total_amount", "amount_untaxed", "amount_tax", "amount_total",
    # The buyer pays to the account that the file names, whatever is chosen here.
    "partner_bank_id", "chorus_other_bank_ids",
    "buyer_reference", "contract_reference", "purchase_order_reference", "chorus_process",
    "chorus_document_kind", "chorus_corrected_id", "chorus_factor_id", "chorus_period_start",
    "chorus_period_end", "chorus_retention_of_id", "chorus_validator_id",
}  # fmt: skip
# The books and the follow-up need these after the deposit too; the invoice then says that the file differs.
TOLD_FIELDS = {
    "invoice_date_due", "invoice_payment_term_id", "payment_reference", "narration",
    "preferred_payment_method_line_id", "chorus_attachment_ids",
}  # fmt: skip
# Of a line. Accounts, tax grids, analytic accounts, matching and follow-up stay free.
LINE_FIELDS = {
    "move_id", "display_type", "name", "product_id", "product_uom_id", "quantity", "price_unit",
    "discount", "deductible_amount", "price_subtotal", "price_total", "tax_ids", "tax_line_id",
    "tax_repartition_line_id", "group_tax_id", "extra_tax_data", "currency_id", "currency_rate", "balance",
    "debit", "credit", "amount_currency", "tax_base_amount", "chorus_period_start", "chorus_period_end",
}  # fmt: skip
# These lines are not in the file: Odoo spreads the total over due dates, and values stock, by them.
LINES_APART = ("payment_term", "cogs")


class AccountMove(models.Model):
    _inherit = "account.move"

    @api.model_create_multi
    def create(self, vals_list):
        moves = super().create(vals_list)
        if any(vals.get("chorus_attachment_ids") for vals in vals_list):
            moves._chorus_own_attachments()
        moves._chorus_take_engagement_from_orders()
        return moves

    def write(self, vals):
        """An invoice's write as this addon sees it: each concern looks at it before, and may act after.

        A concern is a function of ``vals`` that returns what is left to do once they are written, or None.
        """
        concerns = (
            self._chorus_before_leaving_books,
            self._chorus_before_leaving_retention,
            self._chorus_before_content,
            self._chorus_before_telling,
            self._chorus_before_attaching,
        )
        afterwards = [concern(vals) for concern in concerns]
        result = super().write(vals)
        for act in filter(None, afterwards):
            act()
        return result

    def _chorus_before_leaving_books(self, vals):
        """A posted invoice becomes a draft or is cancelled: taken back from the queue, refused when held."""
        state = vals.get("state", "posted")
        if state != "posted" and not is_by_code(self.env):
            leaving = self.filtered(lambda move: move.state != state)
            leaving._chorus_check_not_held(
                self.env._("cancelling it") if state == "cancel" else self.env._("resetting to draft")
            )
            leaving._chorus_withdraw()

    def _chorus_before_content(self, vals):
        touched = FROZEN_FIELDS & vals.keys()
        if touched and not is_by_code(self.env):
            return self._chorus_before_change(touched, vals)
        return None

    def _chorus_before_change(self, touched, vals):
        """
        :param touched: names of fields of the content
        :return: what is left to do after the change
        :raises UserError: when Chorus Pro holds one of those that change
        """
        changed = self.filtered(
            lambda move: (
                move.sudo().chorus_line_ids
                and any(move._chorus_differs(name, vals[name]) for name in touched)
            )
        )
        if held := changed._chorus_held():
            names = [name for name in touched if any(move._chorus_differs(name, vals[name]) for move in held)]
            held._chorus_check_not_held(held._chorus_what_changes(names))
        return changed._chorus_make_file_again

    def _chorus_before_telling(self, vals):
        """Fields that may change although the file does not: the invoice says so, with what stood before."""
        touched = TOLD_FIELDS & vals.keys()
        if not touched or is_by_code(self.env):
            return None
        changed = self.filtered(
            lambda move: (
                move.sudo().chorus_line_ids
                and any(move._chorus_differs(name, vals[name]) for name in touched)
            )
        )
        former = {
            move: {name: move._chorus_shown(name) for name in touched} for move in changed._chorus_held()
        }

        def act():
            for move, values in former.items():
                move._chorus_say_file_differs(values)
            changed._chorus_make_file_again()

        return act

    def _chorus_say_file_differs(self, former):
        """Say on the invoice what the deposited file still says.

        :param dict former: name of a field → what it showed before
        """
        self.ensure_one()
        for name, before in former.items():
            if (now := self._chorus_shown(name)) == before:
                continue
            # Seen by whoever may read the invoice; a note, so that no customer is written to.
            self.sudo().message_post(
                body=self.env._(
                    "%(field)s: %(now)s instead of %(before)s. Chorus Pro has %(number)s as it was deposited,"
                    " and its file does not change: tell the buyer if it matters there.",
                    field=self._fields[name]._description_string(self.env),
                    now=now or self.env._("empty"),
                    before=before or self.env._("empty"),
                    number=self.name,
                ),
                author_id=self.env.user.partner_id.id,
                subtype_xmlid="mail.mt_note",
            )

    def _chorus_shown(self, name):
        """A field of the invoice as a text for people."""
        field, value = self._fields[name], self[name]
        if field.relational:
            return ", ".join(value.sudo().mapped("display_name"))
        if field.type == "html":
            return html2plaintext(value or "").strip()
        return field.convert_to_display_name(value, self) or ""

    def _chorus_before_attaching(self, vals):
        return self._chorus_own_attachments if "chorus_attachment_ids" in vals else None

    def _chorus_differs(self, name, value):
        """Whether writing ``value`` would change a field."""
        field = self._fields[name]
        if field.type == "many2many":
            return set(self[name].ids) != set(self.new({name: value})[name]._origin.ids)
        if not field.store:
            return True
        current = field.convert_to_cache(self[name], self, validate=False)
        return (current or False) != (field.convert_to_cache(value, self, validate=False) or False)

    @api.model
    def _chorus_what_changes(self, names, model="account.move"):
        """:return: words for a refusal: "changing what was sent (Unit Price, Taxes)" """
        labels = self.env[model].fields_get(sorted(names), ["string"])
        return self.env._(
            "changing what was sent (%s)", ", ".join(label["string"] for label in labels.values())
        )

    # -- what Chorus Pro holds ------------------------------------------------------------------------

    def _chorus_check_not_held(self, what):
        """
        :param str what: is not possible any more
        :raises UserError: naming those that Chorus Pro holds, and what to do instead
        """
        held = self._chorus_held()
        if held:
            raise UserError(
                self.env._(
                    "Chorus Pro has, or may have, %(invoices)s: %(what)s is not possible any more. Make a"
                    " credit note instead, or wait until Chorus Pro has rejected it.",
                    invoices=", ".join(held.mapped("name")),
                    what=what,
                )
            )

    def button_draft(self):
        self._chorus_check_not_held(self.env._("resetting to draft"))
        self._chorus_withdraw()
        return super().button_draft()

    def _chorus_make_file_again(self):
        """The invoices changed while their file waited: withdraw the file and queue them anew.

        A line whose file is being made just now is still queued for this transaction: writing it makes one
        of the two transactions run again, so that no file is made of what the invoice said before.
        """
        queued = self.sudo().chorus_line_ids.filtered(lambda line: line.state == "queued")
        queued.next_action_at = moments.now(self.env)
        queued.flush_recordset()
        ready = self.sudo().chorus_line_ids.filtered(lambda line: line.state == "ready")
        for line in ready:
            environment, move = line.environment, line.move_id
            move._chorus_withdraw()
            move._chorus_queue(environment)

    def _chorus_before_line_change(self, names):
        """Lines of these invoices are about to change.

        The rows of the posted ones are locked: an invoice queued meanwhile then makes this transaction run
        again, and sees it.

        :param names: fields of ``LINE_FIELDS`` that change
        :return: what is left to do after the change, or None
        :raises UserError: when Chorus Pro holds one of the invoices
        """
        if is_by_code(self.env):
            return None
        posted = self.filtered(
            lambda move: (
                move.state == "posted"
                and move.is_sale_document()
                and move.company_id.sudo().chorus_environment
            )
        )
        told = self.filtered(
            lambda move: move.state == "posted" and (move.chorus_state or move.chorus_test_state)
        )
        if not posted | told:
            return None
        self.env.execute_query(
            SQL(
                "SELECT id FROM account_move WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE",
                (posted | told).ids,
            )
        )
        told._chorus_check_not_held(self._chorus_what_changes(names, "account.move.line"))
        return told._chorus_make_file_again


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    @api.model_create_multi
    def create(self, vals_list):
        content = [vals for vals in vals_list if vals.get("display_type") not in LINES_APART]
        moves = self.env["account.move"].browse({vals["move_id"] for vals in content if vals.get("move_id")})
        act = moves._chorus_before_line_change({"name"}) if moves else None
        lines = super().create(vals_list)
        if act:
            act()
        return lines

    def write(self, vals):
        touched = LINE_FIELDS & vals.keys()
        moves = self.env["account.move"]
        names = set()
        for line in self if touched else ():
            if (
                line.display_type in LINES_APART
                and vals.get("display_type", line.display_type) in LINES_APART
            ):
                continue
            if changing := [name for name in touched if moves._field_will_change(line, vals, name)]:
                moves |= line.move_id
                names.update(changing)
                if "move_id" in changing:
                    moves |= moves.browse(vals["move_id"])
        act = moves._chorus_before_line_change(names) if moves else None
        result = super().write(vals)
        if act:
            act()
        return result

    def unlink(self):
        moves = self.filtered(lambda line: line.display_type not in LINES_APART).move_id
        act = moves._chorus_before_line_change({"name"}) if moves else None
        result = super().unlink()
        if act:
            act()
        return result
