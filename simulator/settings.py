"""What can be changed about the simulator while it runs, with defaults and meaning.

Read with ``settings["name"]``; changed through ``POST /control/settings``.
"""

import threading

PENDING_PATH = (
    "IN_DEPOT_PORTAIL_EN_ATTENTE_TRAITEMENT_SE_CPP",
    "IN_RECU",
    "IN_TRAITE_SE_CPP",
    "IN_EN_ATTENTE_TRAITEMENT_CPP",
    "IN_EN_COURS_TRAITEMENT_CPP",
)

# name: (default, meaning). A change must have the default's type; None means "no value" is allowed too.
SETTINGS = {
    "not_found_period": (2.0, "seconds after a deposit during which the flow is 'introuvable'"),
    "flow_delays": (
        dict(zip(PENDING_PATH, (4.0, 2.0, 2.0, 2.0, 2.0), strict=True)),
        "seconds a flow stays in each state before its verdict; 0 skips the state",
    ),
    "delay_jitter": (0.0, "share of random change of each delay, 0 to 1, drawn with delay_seed"),
    "delay_seed": (1, "seed of delay_jitter"),
    "invoice_delays": (
        {
            "EN_COURS_ACHEMINEMENT": 5.0,
            "MISE_A_DISPOSITION": 5.0,
            # AIFE: a validator who says nothing for 15 days has accepted.
            "ABSENCE_VALIDATION_1_HORS_DELAI": 15 * 86400.0,
            "ABSENCE_VALIDATION_2_HORS_DELAI": 15 * 86400.0,
        },
        "seconds before an integrated or recycled invoice reaches each status; None leaves it where it is",
    ),
    "validator_required": (False, "A9 and A12 invoices wait in A_VALIDER_1 for traiter/factureAValider"),
    "duplicate_check": (True, "a number already integrated for the same seller and year is rejected"),
    "rules": ({}, "rule id → on/off, over the defaults of the table in rules.py"),
    "strict": (False, "every rule on, the uncertain ones too (rules still overrides)"),
    "archive_technical_error": (
        "whole",
        "an unreadable file in an archive rejects the 'whole' flow or the 'file'",
    ),
    "incident_one_in": (0, "flows that end as IN_INCIDENTE at random, one in N (0: never)"),
    "incident_seed": (1, "seed of incident_one_in"),
    "report_cut": (200, "length at which libelleErreurDP is cut"),
    "report_cut_mark": ("[...]", "what a cut text ends with (inside the length)"),
    "empty_list_instead_of_20000": (False, "a search that finds nothing answers 0 and an empty list"),
    "refusal_http_status": (200, "HTTP status of a functional refusal (codeRetour ≠ 0): 200 or 400"),
    "comments_in_search": (True, "a search repeats the comment of the status, else the history alone has it"),
    "status_dates_in_search": (True, "a search says since when the status holds; the history always does"),
    "plain_dates": (True, "dates without time as YYYY-MM-DD, not as the contract's date-time"),
    "structure_identifier_as_number": (False, "identifiantStructure as a JSON number (both were seen)"),
    "page_size": (10, "results per page when the request gives none"),
    "page_cap": (None, "results per page never exceed this"),
    "token_lifetime": (3600, "seconds, in the simulator's time"),
    "oauth_refusal_one_in": (0, "valid credentials refused at random, one call in N (0: never)"),
    "oauth_seed": (1, "seed of oauth_refusal_one_in"),
    "strict_requests": (False, "400 for fields the contract does not have and for numbers sent as strings"),
    "recipients_file": (
        "xml",
        "what the archive of all recipients holds: xml, csv, windows (csv in Windows-1252), bare (csv without"
        " duties), unknown, no_zip, damaged, huge, inverted (each flag said the other way round)",
    ),
    "recipients_file_day": ("", "YYYY-MM-DD on which that archive was made; empty: today"),
    "latency": (0.0, "real seconds that each call takes besides its work, half before it and half after"),
    "bandwidth": (None, "bytes per real second of request and answer, None or 0: no limit"),
    "deposit_hold": (
        {"min": 0.0, "max": 0.0, "seed": 1},
        "real seconds each deposit is held, half before it is taken and half before it is answered; a change"
        " lets go those that are held",
    ),
}


class Settings:
    """The defaults above with the changes kept in the store."""

    def __init__(self, store):
        self._store = store
        self._changes = store.recall("settings", {})
        self.let_go = threading.Event()  # set for a moment by a change of deposit_hold: who is held goes on

    def __getitem__(self, name):
        if name in self._changes:
            return self._changes[name]
        return SETTINGS[name][0]

    def as_dict(self):
        return {name: self[name] for name in SETTINGS}

    def change(self, changes):
        """Raises ValueError for an unknown name or a value of another kind. Dicts are merged."""
        merged = dict(self._changes)
        for name, value in changes.items():
            if name not in SETTINGS:
                raise ValueError(f"unknown setting: {name}")
            default = SETTINGS[name][0]
            if isinstance(default, dict):
                if not isinstance(value, dict):
                    raise ValueError(f"{name}: an object is expected")
                if name == "flow_delays" and set(value) - set(default):
                    raise ValueError(f"{name}: unknown state {sorted(set(value) - set(default))}")
                value = {**self[name], **value}
            elif not _same_kind(default, value):
                raise ValueError(f"{name}: a value like {default!r} is expected")
            merged[name] = value
        self._changes = merged
        self._store.remember("settings", merged)
        if "deposit_hold" in changes:
            self.let_go.set()
            self.let_go = threading.Event()

    def forget(self):
        self._changes = {}


def _same_kind(default, value):
    if default is None:
        return value is None or (isinstance(value, int) and not isinstance(value, bool))
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(default, bool) and isinstance(value, bool)
    if isinstance(default, (int, float)):
        return isinstance(value, (int, float))
    return isinstance(value, type(default))
