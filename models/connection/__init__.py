"""The connection of a company: keys, token, account, checklist, pace and rest, fingerprint."""

# Others extend them.
from . import chorus_connection  # isort: skip
from . import (
    account_journal,
    chorus_connection_checklist,
    chorus_connection_follow,
    chorus_connection_rest,
    chorus_connection_secret,
    chorus_connection_step,
    chorus_connection_token,
    chorus_connection_usable,
    chorus_connection_written,
    chorus_database,
    chorus_pace,
    res_company,
    res_config_settings,
)
