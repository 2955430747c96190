"""The faults one can order, and which of them a call gets.

A rule: ``{"route": ..., "kind": ..., "count": n | null, "probability": p, "seed": s, "skip": k, ...}``.
``route`` is a path below /cpro ("factures/v1/deposer/flux"), a prefix ending with "*", "*" for every API
route, or "oauth".
"""

import random
import threading
from dataclasses import dataclass, field

# Where a fault acts.
GATE = "gate"  # instead of the operation, or after it with {"when": "after"}
SOCKET = "socket"  # on the connection or on the bytes of the true answer
PAYLOAD = "payload"  # inside the answer; a mode, which lasts until removed unless a count is given


@dataclass(frozen=True)
class Kind:
    stage: str
    meaning: str
    options: tuple = ()
    informs: bool = False  # the client still learns the true content of the answer


KINDS = {
    "http_500": Kind(GATE, "500 with a JSON body", ("when",)),
    "http_502_no_type": Kind(GATE, "502 with an HTML body and no Content-Type", ("when",)),
    "http_503": Kind(GATE, "503, optional Retry-After", ("when", "retry_after")),
    "http_429": Kind(GATE, "429, optional Retry-After", ("when", "retry_after")),
    "html": Kind(GATE, "200 with an HTML page instead of JSON", ("when",)),
    "empty_403": Kind(GATE, "403 without a body", ("when",)),
    "bare_status": Kind(GATE, "any status without a body; 3xx with a Location elsewhere", ("when", "status")),
    "former_flow": Kind(
        GATE, "a receipt with the flow number of the last deposit; nothing is taken", ("when",)
    ),
    "expired_token": Kind(GATE, "401 invalid_token; the token is dead from then on", ("when",)),
    "bad_account": Kind(GATE, "401 as for a wrong cpro-account", ("when",)),
    "refusal": Kind(GATE, "a functional refusal", ("when", "code", "label")),
    "drop_before": Kind(SOCKET, "the connection is closed before the request is read"),
    "drop_after_accept": Kind(SOCKET, "the operation is done, the connection closed without an answer"),
    "slow": Kind(
        SOCKET,
        "waits; when=before: before the operation, else before the answer",
        ("when", "seconds"),
        informs=True,
    ),
    "slow_body": Kind(SOCKET, "the answer's body dribbles during the given time", ("seconds",), informs=True),
    "truncated_json": Kind(SOCKET, "half of the JSON, with the matching Content-Length"),
    "wrong_length": Kind(
        SOCKET, "Content-Length larger than the body, then the connection closes", ("delta",)
    ),
    "huge_answer": Kind(SOCKET, "the true answer with a field of many bytes added", ("bytes",), informs=True),
    "object_for_array": Kind(
        PAYLOAD, "a list of one comes as a lone object, an empty list as null", informs=True
    ),
    "unknown_status": Kind(PAYLOAD, "states and statuses replaced by a word nobody knows", ("code",)),
    "status_dated": Kind(
        PAYLOAD,
        "a search gives the statuses of an invoice (of all without a number) this date",
        ("at", "number"),
        informs=True,
    ),
    "field": Kind(
        PAYLOAD,
        "a search gives a field of an invoice (of all without a number) this value, null without one",
        ("field", "value", "number"),
        informs=True,
    ),
    "page_cap": Kind(PAYLOAD, "never more than n results per page", ("n",), informs=True),
    "filter_ignored": Kind(PAYLOAD, "the window periodeDateHeureEtatCourantDu/Au is ignored", informs=True),
}
_COMMON = {"route", "kind", "count", "probability", "seed", "skip"}


@dataclass
class Rule:
    number: int
    route: str
    kind: str
    count: int | None
    probability: float
    skip: int
    options: dict
    draw: random.Random = field(repr=False)
    hits: int = 0

    @property
    def stage(self):
        return KINDS[self.kind].stage

    @property
    def when(self):
        return self.options.get("when", "after" if self.kind == "slow" else "before")

    def covers(self, route):
        if self.route == "*":
            return route != "oauth"
        if self.route.endswith("*"):
            return route.startswith(self.route[:-1])
        return self.route == route

    def as_dict(self):
        return {
            "id": self.number,
            "route": self.route,
            "kind": self.kind,
            "count": self.count,
            "probability": self.probability,
            "skip": self.skip,
            "hits": self.hits,
            **self.options,
        }


class Faults:
    """Ordered rules. A call gets every payload rule that covers it and at most one other."""

    def __init__(self):
        self._lock = threading.Lock()
        self._rules = []
        self._next = 1
        self.totals = {}
        self.cleared = threading.Event()  # set for a moment by clear(): slow answers stop waiting

    def add(self, order):
        """``order`` as the module says; returns the rule's dict. Raises ValueError."""
        kind = order.get("kind")
        if kind not in KINDS:
            raise ValueError(f"unknown fault: {kind!r}; known: {', '.join(KINDS)}")
        unknown = set(order) - _COMMON - set(KINDS[kind].options)
        if unknown:
            raise ValueError(f"{kind} has no option {', '.join(sorted(unknown))}")
        if order.get("when", "after") not in ("before", "after"):
            raise ValueError("when is 'before' or 'after'")
        count = order.get("count", None if KINDS[kind].stage == PAYLOAD else 1)
        options = {name: order[name] for name in KINDS[kind].options if name in order}
        with self._lock:
            rule = Rule(
                self._next,
                order.get("route", "*"),
                kind,
                count,
                order.get("probability", 1.0),
                order.get("skip", 0),
                options,
                random.Random(order.get("seed", self._next)),
            )
            self._next += 1
            self._rules.append(rule)
        return rule.as_dict()

    def clear(self, number=None):
        with self._lock:
            self._rules = [rule for rule in self._rules if number not in (None, rule.number)]
            self.cleared.set()
            self.cleared = threading.Event()

    def list(self):
        with self._lock:
            return [rule.as_dict() for rule in self._rules]

    def take(self, route):
        """The rules this call gets; a used-up rule disappears."""
        taken, disturbed = [], False
        with self._lock:
            for rule in list(self._rules):
                if not rule.covers(route) or (rule.stage != PAYLOAD and disturbed):
                    continue
                if rule.skip > 0:
                    rule.skip -= 1
                    continue
                if rule.draw.random() >= rule.probability:
                    continue
                rule.hits += 1
                if rule.count is not None:
                    rule.count -= 1
                    if rule.count <= 0:
                        self._rules.remove(rule)
                disturbed = disturbed or rule.stage != PAYLOAD
                self.totals[rule.kind] = self.totals.get(rule.kind, 0) + 1
                taken.append(rule)
        return taken
