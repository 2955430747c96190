from . import (
    chorus_connection,
    chorus_connection_fingerprint,
    chorus_connection_secret,
    chorus_connection_token,
    chorus_service,
    chorus_structure,
    res_company,
    res_partner,
)
