"""Structures, services, engagements, and the customers they stand for."""

# Others extend them.
from . import chorus_structure  # isort: skip
from . import (
    chorus_engagement,
    chorus_structure_listed,
    chorus_structure_look_up,
    chorus_structure_refresh,
    res_partner,
    res_partner_directory,
    res_partner_road,
)
