"""What chaos may do to a run: faults of the simulator, settings, and what a kill may hit."""

DEPOSIT = "factures/v1/deposer/flux"
REPORT = "transverses/v1/consulterCRDetaille"
SEARCH = "factures/v1/rechercher/fournisseur"

# Route, kind, further options; how often and how probably is drawn for each run.
FAULTS = (
    (DEPOSIT, "drop_before", {}),
    (DEPOSIT, "drop_after_accept", {}),
    (DEPOSIT, "drop_after_accept", {}),
    (DEPOSIT, "http_500", {}),
    (DEPOSIT, "http_500", {"when": "after"}),
    (DEPOSIT, "http_502_no_type", {"when": "after"}),
    (DEPOSIT, "http_503", {"retry_after": 120}),
    (DEPOSIT, "http_429", {"retry_after": 90}),
    (DEPOSIT, "html", {"when": "after"}),
    (DEPOSIT, "truncated_json", {}),
    (DEPOSIT, "wrong_length", {}),
    (DEPOSIT, "slow", {"seconds": 0.4}),
    (DEPOSIT, "slow_body", {"seconds": 0.4}),
    (DEPOSIT, "huge_answer", {"bytes": 30_000_000}),
    (DEPOSIT, "expired_token", {}),
    (DEPOSIT, "empty_403", {}),
    (DEPOSIT, "bad_account", {}),
    (DEPOSIT, "refusal", {}),
    (REPORT, "http_500", {}),
    (REPORT, "truncated_json", {}),
    (REPORT, "object_for_array", {}),
    (REPORT, "unknown_status", {}),
    (REPORT, "drop_after_accept", {}),
    (SEARCH, "http_500", {}),
    (SEARCH, "html", {}),
    (SEARCH, "empty_403", {}),
    (SEARCH, "drop_before", {}),
    (SEARCH, "page_cap", {"n": 1}),
    (SEARCH, "filter_ignored", {}),
    ("*", "expired_token", {}),
    ("*", "http_500", {}),
    ("oauth", "http_500", {}),
    ("oauth", "drop_before", {}),
)

# Seconds that the simulator keeps a deposit, so that kills can meet it on both sides of "taken".
HOLD = {"min": 0.15, "max": 0.5}
# Longest life of a worker that is killed at a random moment, in seconds after its start.
RANDOM_KILL_SECONDS = 1.2
RANDOM_KILL_SHARE = 0.15
# Kills of a worker that has a deposit in flight, per run, drawn evenly from here.
KILLS_IN_FLIGHT = (0, 1, 2, 2, 3, 3)
# Shares of runs in which the database's connections are cut, and in which flows end in an incident.
CUT_SHARE = 0.08
INCIDENT_SHARE = 0.1


def draw(dice):
    """Draw the faults of one run: a list of orders for ``POST /control/faults``."""
    chosen = dice.sample(FAULTS, dice.randint(0, 4))
    return [
        {
            "route": route,
            "kind": kind,
            "count": dice.randint(1, 3),
            "probability": dice.choice((0.3, 0.6, 1.0)),
            "seed": dice.randrange(10**6),
            **options,
        }
        for route, kind, options in chosen
    ]
