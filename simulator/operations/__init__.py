"""The operations behind /cpro: one function each, in one table."""

from . import act, consult, deposit, engagements, search, structures, transverses, users

LOOKED_UP = "TRA_MSG_00.000"
WRITTEN = "GCU_MSG_01_000"

# route: (function(call) -> fields of the answer, libelle of success)
OPERATIONS = {
    **{
        route: (function, LOOKED_UP)
        for module in (search, consult, structures, users, engagements)
        for route, function in module.LOOK_UPS.items()
    },
    **{route: (function, LOOKED_UP) for route, function in transverses.LOOK_UPS.items()},
    **{
        route: (function, WRITTEN)
        for module in (deposit, act, transverses)
        for route, function in module.WRITES.items()
    },
}
GET_ROUTES = ("transverses/v1/health-check",)
