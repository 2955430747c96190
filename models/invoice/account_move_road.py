"""Which electronic road an invoice took, or takes, to its buyer: for lists, and in one sentence why.

The real story only: what was sent to the test space is on no road.
"""

from odoo import api, fields, models
from odoo.fields import Domain

from ..base.chorus_channels import CHANNEL_FIELDS, CHANNELS, FAILED, UNCERTAIN, UNSENT, standing
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

    chorus_road = fields.Selection(
        ROADS,
        "Road",
        compute="_compute_chorus_road",
        search="_search_chorus_road",
        help="By which electronic road the invoice went to its buyer. It takes one, never two.",
    )
    chorus_road_note = fields.Char("Road, and why", compute="_compute_chorus_road_note")

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
