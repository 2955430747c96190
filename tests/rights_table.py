"""Who may do what, as a table: the expected answers of test_rights_matrix.

Letters: ``r`` read (also search, sort, group and export), ``w`` write, ``c`` create, ``u`` unlink.
"""

ROLES = ("portal", "internal", "invoicing", "accountant", "manager", "administrator", "elsewhere")

# Groups of each role. The administrator has no accounting; "elsewhere" is an accountant of another company.
# Who invoices may edit customers here, as in most companies; exporting is a right of its own.
GROUPS = {
    "portal": "base.group_portal",
    "internal": "base.group_user,base.group_allow_export",
    "invoicing": "account.group_account_invoice,base.group_partner_manager,base.group_allow_export",
    "accountant": "account.group_account_user,base.group_partner_manager,base.group_allow_export",
    "manager": "account.group_account_manager,base.group_partner_manager,base.group_allow_export",
    "administrator": "base.group_system,base.group_allow_export",
    "elsewhere": "account.group_account_user,base.group_partner_manager,base.group_allow_export",
}

# Model → letters, in the order of ROLES.
MODELS = {
    "chorus.connection": ("", "", "", "", "", "rwcu", ""),
    "chorus.connection.step": ("", "", "", "", "", "r", ""),
    "chorus.pace": ("", "", "", "", "", "r", ""),
    "chorus.database": ("", "", "", "", "", "r", ""),
    "chorus.deposit": ("", "", "r", "r", "r", "", ""),
    "chorus.deposit.line": ("", "", "r", "r", "r", "", ""),
    "chorus.attempt": ("", "", "r", "r", "r", "", ""),
    "chorus.status.event": ("", "", "r", "r", "r", "", ""),
    "chorus.request": ("", "", "r", "r", "r", "", ""),
    "chorus.seal": ("", "", "r", "r", "r", "", ""),
    "chorus.validation": ("", "", "r", "r", "r", "", ""),
    # What the directory says of public bodies is the same for every company.
    "chorus.structure": ("", "", "r", "r", "r", "r", "r"),
    "chorus.service": ("", "", "r", "r", "r", "r", "r"),
    "chorus.engagement": ("", "", "r", "r", "r", "", ""),
    "chorus.late.rate": ("", "", "r", "r", "rwcu", "", "r"),
    "chorus.migration": ("", "", "", "", "", "rwc", ""),
    # Screens: the accountant opened them; others may only open their own.
    "chorus.send": ("", "", "c", "rwc", "c", "", "c"),
    "chorus.send.line": ("", "", "", "r", "", "", ""),
    "chorus.send.reason": ("", "", "", "r", "", "", ""),
    "chorus.adopt": ("", "", "c", "rwc", "c", "", "c"),
    "chorus.adopt.line": ("", "", "", "r", "", "", ""),
    "chorus.hand": ("", "", "c", "rwc", "c", "", "c"),
    "chorus.hand.line": ("", "", "", "r", "", "", ""),
    "chorus.claim": ("", "", "c", "rwc", "c", "", "c"),
    "chorus.claim.line": ("", "", "", "r", "", "", ""),
    "chorus.claim.letter": ("", "", "", "r", "", "", ""),
    "chorus.complete": ("", "", "c", "rwc", "c", "", "c"),
    "chorus.recycle": ("", "", "c", "rwc", "c", "", "c"),
    "chorus.correct": ("", "", "c", "rwc", "c", "", "c"),
    "chorus.evidence": ("", "", "c", "rwc", "c", "", "c"),
    "chorus.evidence.line": ("", "", "", "r", "", "", ""),
    "chorus.seal.check": ("", "", "c", "rwc", "c", "", "c"),
    "chorus.validation.refuse": ("", "", "c", "rwc", "c", "", "c"),
    "chorus.flow.number": ("", "", "c", "rwc", "c", "", "c"),
    "chorus.find": ("", "", "c", "rwc", "c", "", "c"),
    "chorus.find.line": ("", "", "", "rw", "", "", ""),
    "chorus.road": ("", "", "c", "rwc", "c", "", "c"),
    "chorus.road.line": ("", "", "", "r", "", "", ""),
    # The administrator opened these.
    "chorus.switch": ("", "", "", "", "", "rwcu", ""),
    "chorus.test.data": ("", "", "", "", "", "rwcu", ""),
    "chorus.test.data.line": ("", "", "", "", "", "rwcu", ""),
}

# Models without rows of their own; only their methods can be called.
ABSTRACT = {
    "chorus.guarded.fields",
    "chorus.notice",
    "chorus.outermost",
    "chorus.live",
    "chorus.overview",
    "chorus.words",
    "chorus.worker",
    "chorus.chosen.invoices",
    "chorus.kept.from.texts",
    "chorus.written.by.code",
}

# A stored field of each model, and what somebody would like to have there.
FIELD = {
    "chorus.connection": ("supplier_siret", "33254021516357"),
    "chorus.connection.step": ("result", "ok"),
    "chorus.pace": ("next_at", 9e9),
    "chorus.database": ("fingerprint", {"database": "mine"}),
    "chorus.deposit": ("flow_number", "FORGED"),
    "chorus.deposit.line": ("status_code", "MISE_EN_PAIEMENT"),
    "chorus.attempt": ("outcome", "accepted"),
    "chorus.status.event": ("comment", "forged"),
    "chorus.request": ("state", "done"),
    "chorus.structure": ("name", "forged"),
    "chorus.service": ("code", "FORGED"),
    "chorus.engagement": ("known", True),
    "chorus.late.rate": ("rate", 99.0),
    "chorus.migration": ("environment", "test"),
    "chorus.send": ("create_date", "2020-01-01 00:00:00"),
    "chorus.send.line": ("state", "ready"),
    "chorus.send.reason": ("text", "x"),
    "chorus.adopt": ("flow_number", "1"),
    "chorus.adopt.line": ("state", "found"),
    "chorus.hand": ("environment", "test"),
    "chorus.hand.line": ("state", "made"),
    "chorus.claim": ("central_rate", 2.0),
    "chorus.claim.line": ("rate", 99.0),
    "chorus.claim.letter": ("filename", "x"),
    "chorus.complete": ("comment", "x"),
    "chorus.recycle": ("comment", "x"),
    "chorus.correct": ("acknowledge", False),
    "chorus.evidence": ("with_copy", False),
    "chorus.evidence.line": ("remark", "x"),
    "chorus.seal": ("content", "forged"),
    "chorus.validation": ("state", "accepted"),
    "chorus.validation.refuse": ("reason", "x"),
    "chorus.seal.check": ("known_head", "x"),
    "chorus.flow.number": ("flow_number", "1"),
    "chorus.find": ("take_names", True),
    "chorus.find.line": ("chosen", True),
    "chorus.road": ("target", "chorus"),
    "chorus.road.line": ("state", "moves"),
    "chorus.switch": ("confirmed", False),
    "chorus.test.data": ("filename", "x.csv"),
    "chorus.test.data.line": ("name", "x"),
}

# Dates are grouped by something.
GROUP_BY = {"chorus.send": "create_date:day"}

# Values with which a creation reaches the database; elsewhere an empty one is tried.
NEW = {
    "chorus.connection": {"environment": "production", "active": False},
    "chorus.late.rate": {"date_from": "1999-01-01", "rate": 1.0},
    "chorus.switch": {"target": "off"},
}

# Columns that nobody reads, sorts by or writes through the web, the administrator included.
SECRETS = {"chorus.connection": ("client_secret_cipher", "password_cipher", "token_cipher")}

ACCOUNTING = {"invoicing", "accountant", "manager"}
ASKING = {"invoicing", "accountant", "manager", "elsewhere"}
OWN = {"accountant"}
SYSTEM = {"administrator"}

# Every public method that the addon adds → who gets past its rights. What the state of the records then
# allows is another matter (a UserError). "elsewhere" is stopped where the record is another company's.
METHODS = {
    ("account.move", "action_chorus_adopt"): ACCOUNTING,
    ("account.move", "action_chorus_check_engagement"): ACCOUNTING,
    ("account.move", "action_chorus_check_now"): ACCOUNTING,
    ("account.move", "action_chorus_check_request"): ACCOUNTING,
    ("account.move", "action_chorus_claim"): ACCOUNTING,
    ("account.move", "action_chorus_complete"): ACCOUNTING,
    ("account.move", "action_chorus_correct"): ACCOUNTING,
    ("account.move", "action_chorus_despite"): ACCOUNTING,
    ("account.move", "action_chorus_evidence"): ACCOUNTING,
    ("account.move", "action_chorus_hand"): ACCOUNTING,
    ("account.move", "action_chorus_history"): ACCOUNTING,
    ("account.move", "action_chorus_not_by_hand"): ACCOUNTING,
    ("account.move", "action_chorus_keep_back"): ACCOUNTING,
    ("account.move", "action_chorus_open_deposits"): ACCOUNTING,
    ("account.move", "action_chorus_take_over"): ACCOUNTING,
    ("account.move", "action_chorus_open_fix"): ACCOUNTING,
    ("account.move", "action_chorus_open_replacement"): ACCOUNTING,
    ("account.move", "action_chorus_open_retention"): ACCOUNTING,
    ("account.move", "action_chorus_release_retention"): ACCOUNTING,
    ("account.move", "action_chorus_recycle"): ACCOUNTING,
    ("account.move", "action_chorus_send"): ACCOUNTING,
    ("account.move", "action_chorus_send_all"): ASKING,
    ("account.move", "chorus_is_on"): set(ROLES),
    ("account.move", "chorus_progress"): set(ROLES),
    ("account.move", "action_chorus_withdraw"): ACCOUNTING,
    ("chorus.adopt", "action_link"): OWN,
    ("chorus.adopt", "action_search"): OWN,
    ("chorus.claim", "action_add_rate"): OWN,
    ("chorus.claim", "action_letter"): OWN,
    ("chorus.complete", "action_complete"): OWN,
    ("chorus.connection", "action_check_all"): SYSTEM,
    ("chorus.connection", "action_configure"): SYSTEM,
    ("chorus.connection", "action_confirm_database"): SYSTEM,
    ("chorus.connection", "action_forget_secrets"): SYSTEM,
    ("chorus.connection", "action_import_test_data"): SYSTEM,
    ("chorus.connection", "action_refresh_token"): SYSTEM,
    ("chorus.connection", "action_switch_environment"): SYSTEM,
    ("chorus.connection", "action_try_groups_again"): SYSTEM,
    ("chorus.correct", "action_correct"): OWN,
    ("chorus.deposit", "action_check_now"): ACCOUNTING,
    ("chorus.deposit", "action_give_up"): ACCOUNTING,
    ("chorus.deposit", "action_open_invoices"): ACCOUNTING,
    ("chorus.deposit", "action_send_again"): ACCOUNTING,
    ("chorus.deposit", "action_type_flow_number"): ACCOUNTING,
    ("chorus.deposit", "action_withdraw"): ACCOUNTING,
    ("chorus.deposit.line", "action_open_invoice"): ACCOUNTING,
    ("chorus.find", "action_ask"): OWN,
    ("chorus.find", "action_find"): ASKING,
    ("chorus.find", "action_mark"): OWN,
    ("chorus.find", "action_read"): OWN,
    ("chorus.find", "action_refresh"): OWN,
    ("chorus.evidence", "action_download"): OWN,
    ("chorus.evidence", "action_make"): OWN,
    ("chorus.flow.number", "action_adopt"): OWN,
    ("chorus.hand", "action_download"): OWN,
    ("chorus.hand", "action_make"): OWN,
    ("chorus.migration", "action_open"): SYSTEM,
    ("chorus.migration", "action_run"): SYSTEM,
    ("chorus.overview", "get_overview"): ASKING,
    ("chorus.overview", "open_beginning"): ASKING,
    ("chorus.overview", "open_counter"): ASKING,
    ("chorus.recycle", "action_recycle"): OWN,
    ("chorus.request", "action_check_status"): ACCOUNTING,
    ("chorus.road", "action_move"): OWN,
    # Before the screen is checked anew, which makes its rows anew.
    ("chorus.send.line", "action_open_fix"): OWN,
    ("chorus.send.line", "action_use_only_service"): OWN,
    ("chorus.send.reason", "action_fix_all"): OWN,
    # Hers, but only who manages the accounts gives other numbers.
    ("chorus.send.reason", "action_renumber"): set(),
    ("chorus.seal.check", "action_verify"): OWN,
    ("chorus.send", "action_recheck"): OWN,
    ("chorus.send", "action_send"): OWN,
    ("chorus.service", "choices"): ASKING | SYSTEM,
    ("chorus.structure", "action_look_up"): ASKING | SYSTEM,
    ("chorus.switch", "action_configure"): SYSTEM,
    ("chorus.switch", "action_switch"): SYSTEM,
    ("chorus.test.data", "action_check"): SYSTEM,
    ("chorus.test.data", "action_create"): SYSTEM,
    ("chorus.test.data", "action_customers"): SYSTEM,
    ("chorus.test.data", "action_read"): SYSTEM,
    ("chorus.validation", "action_accept"): ACCOUNTING,
    ("chorus.validation", "action_read"): ACCOUNTING,
    ("chorus.validation", "action_refuse"): ACCOUNTING,
    ("chorus.validation.refuse", "action_refuse"): OWN,
    ("res.config.settings", "action_chorus_configure"): SYSTEM,
    ("res.config.settings", "action_chorus_migration"): SYSTEM,
    ("res.config.settings", "action_chorus_switch"): SYSTEM,
    ("res.partner", "action_chorus_look_up"): ASKING | SYSTEM,
    ("res.partner", "action_chorus_road_away"): ASKING,
    ("res.partner", "action_chorus_road_there"): ASKING,
}

# Arguments after the ids, where a method takes some; None: a method of the model, without ids.
ARGUMENTS = {
    ("chorus.overview", "get_overview"): None,
    ("account.move", "action_chorus_send_all"): None,
    ("account.move", "chorus_is_on"): None,
    ("account.move", "chorus_progress"): None,
    ("chorus.overview", "open_beginning"): None,
    ("chorus.overview", "open_counter"): None,
    ("chorus.find", "action_find"): None,
    ("chorus.migration", "action_open"): None,
    ("chorus.service", "choices"): None,
}
KEYWORDS = {
    ("account.move", "action_chorus_send_all"): {"environment": "test"},
    ("chorus.overview", "open_beginning"): {"key": "customers"},
    ("chorus.service", "choices"): {"structure": 1, "most": 5},
    ("chorus.overview", "open_counter"): {"key": "to_send"},
}
