"""Structures, services, engagements, and the customers they stand for."""

# Others extend them.
from . import chorus_structure  # isort: skip
from . import (
    chorus_engagement,
    chorus_service,
    chorus_structure_look_up,
    chorus_structure_refresh,
    chorus_structure_search,
    res_partner,
    res_partner_branches,
    res_partner_company,
    res_partner_directory,
    res_partner_fill,
    res_partner_payment_term,
    res_partner_road,
    res_partner_search,
    res_partner_sending,
    res_partner_written,
)
