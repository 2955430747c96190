"""Which door a request goes through: the API, the control panel, or the web page."""

import json
import threading
import time
import traceback
from collections import Counter, deque
from typing import Any

from . import contract, flows, openapi
from .control import Control
from .gateway import Denied, expired
from .operations import GET_ROUTES, OPERATIONS
from .operations.call import Call, Refusal
from .server import Answer, ClientGone
from .try_page import try_page
from .web import Web

UNKNOWN_STATUS = "STATUT_INVENTE"
_STATUS_FIELDS = (
    "etatCourantDepotFlux",
    "etatCourantFlux",
    "statut",
    "statutFacture",
    "statutCourantCode",
    "histoStatutCode",
    "etatCourant",
)


class Calls:
    """What was asked of the API: counts per route, and the last calls."""

    def __init__(self):
        self._lock = threading.Lock()
        self._last = deque(maxlen=5000)
        self._counts = Counter()

    def note(self, route, **details):
        with self._lock:
            self._counts[route] += 1
            self._last.append({"n": self._counts.total(), "route": route, **details})

    def as_dict(self):
        with self._lock:
            return {"total": self._counts.total(), "counts": dict(self._counts), "calls": list(self._last)}

    def forget(self):
        with self._lock:
            self._counts.clear()
            self._last.clear()


class Application:
    """``application(request) -> Answer``."""

    def __init__(self, chorus):
        self.chorus = chorus
        self.calls = Calls()
        self.control = Control(self)
        self.web = Web(chorus)
        self.server: Any = None  # set by the program: the control panel tells of the requests in service

    def __call__(self, request):
        try:
            return self._route(request)
        except ClientGone:
            raise
        except Exception:
            traceback.print_exc()
            return _refused(500, "erreur interne du simulateur, voir sa sortie d'erreur")

    def _route(self, request):
        if request.api_route is not None:
            return self._api(request)
        if request.path.startswith("/control"):
            return self.control(request)
        if (request.method, request.path) == ("GET", "/openapi.json"):
            return Answer.json(openapi.document(self._address()))
        if (request.method, request.path) == ("GET", "/try"):
            clients, accounts = self.chorus.gateway.clients, self.chorus.gateway.accounts
            body = try_page(self._address(), next(iter(clients), ""), next(iter(accounts), ""))
            return Answer(200, body, {"Content-Type": "text/html;charset=utf-8"})
        return self.web(request)

    def _address(self):
        return "http://{}:{}".format(*self.server.server_address)

    def _api(self, request):
        started, route, answer, error = time.perf_counter(), request.api_route, None, None
        details = {}
        try:
            self._travel(request, request.body)
            answer = self._spoilt(request) or self._true_answer(request, details)
            self._travel(request, answer.body, answer)
            return answer
        except ClientGone:
            error = "client gone"
            raise
        finally:
            self.calls.note(
                route,
                at=self.chorus.clock.now(),
                status=answer.status if answer else None,
                error=error,
                milliseconds=round((time.perf_counter() - started) * 1000, 2),
                faults=[rule.kind for rule in request.faults],
                flow_number=request.flight["flow_number"],
                **details,
            )

    def _travel(self, request, body, answer=None):
        """One way over the network: half the latency, and the bytes at the bandwidth.

        What has left its sender arrives even when that dies; a client that leaves while the answer travels
        has not learnt it.
        """
        settings = self.chorus.settings
        seconds = settings["latency"] / 2 + (
            len(body) / settings["bandwidth"] if settings["bandwidth"] else 0
        )
        if not seconds:
            return
        try:
            request.wait(seconds)
        except ClientGone:
            if answer is not None:
                answer.untold()
                raise

    def _spoilt(self, request):
        """The answer of a gate fault, or None. With "after", the operation is done first."""
        rule = request.gate_fault
        if rule is None:
            return None
        if rule.when == "after":
            self._true_answer(request, {}).untold()
        return _GATE_ANSWERS[rule.kind](self.chorus, request, rule.options)

    def _true_answer(self, request, details):
        if request.api_route == "oauth":
            return self.chorus.gateway.token_answer(request)
        route = request.api_route
        known = route in OPERATIONS and (request.method == "POST") == (route not in GET_ROUTES)
        try:
            client, account = self.chorus.gateway.admit(request, route, known)
        except Denied as denied:
            return denied.answer
        details.update(client=client, account=account)
        return self._operate(request, route, client, account, details)

    def _operate(self, request, route, client, account, details):
        settings = self.chorus.settings
        function, success = OPERATIONS[route]
        if request.method == "POST" and "json" not in (request.headers.get("Content-Type") or "json"):
            return _refused(415, "Content-Type JSON attendu")
        try:
            body = json.loads(request.body) if request.body else {}
            details["request"] = _shortened(body)
            details["unknown_fields"] = contract.check(route, body, strict=settings["strict_requests"])
        except (ValueError, contract.Breach) as breach:
            return _refused(400, f"requete hors contrat : {breach}")
        call = Call(self.chorus, request, body, client, account)
        try:
            content = {"codeRetour": 0, "libelle": success, **self._run(call, route, function)}
            status = 200
        except Refusal as refusal:
            content = {"codeRetour": refusal.code, "libelle": refusal.label}
            status = refusal.http_status or settings["refusal_http_status"]
        answer = Answer.json(_distorted(content, request), status)
        answer.untold = call.untold
        return answer

    def _run(self, call, route, function):
        """A deposit must not hold up the others while it waits or decodes; everything else is one
        transaction (undone by a refusal) on a state that was brought up to date before."""
        if route == "factures/v1/deposer/flux":
            return function(call)
        flows.settle(self.chorus)
        with self.chorus.store.transaction():
            return function(call)


def _refused(status, text):
    """A request that never reaches its operation; the real bodies are not known."""
    return Answer.json({"codeRetour": status, "libelle": f"SIMULATEUR - {text}"}, status)


_HTML = b"<html><head><title>Maintenance</title></head><body><h1>Service indisponible</h1></body></html>"


def _retry(options):
    return {"Retry-After": str(options["retry_after"])} if "retry_after" in options else {}


def _kill_token(chorus, request, _options):
    chorus.gateway.revoke(request)
    return expired()


def _bare(_chorus, _request, options):
    status = options.get("status", 404)
    return Answer(status, b"", {"Location": "https://elsewhere.invalid/"} if 300 <= status < 400 else {})


def _former_flow(chorus, _request, _options):
    last = chorus.store.all("SELECT flow_number FROM deposit ORDER BY taken_seq DESC LIMIT 1")
    number = last[0]["flow_number"] if last else "IN_000000"
    return Answer.json({"codeRetour": 0, "libelle": "OK", "numeroFluxDepot": number})


_GATE_ANSWERS = {
    "http_500": lambda chorus, request, options: Answer.json(
        {"codeRetour": 500, "libelle": "Erreur interne du serveur"}, 500
    ),
    "http_502_no_type": lambda chorus, request, options: Answer(502, _HTML),
    "http_503": lambda chorus, request, options: Answer(503, b"", _retry(options)),
    "http_429": lambda chorus, request, options: Answer(429, b"", _retry(options)),
    "html": lambda chorus, request, options: Answer(200, _HTML, {"Content-Type": "text/html"}),
    "empty_403": lambda chorus, request, options: Answer(403),
    "bare_status": _bare,
    "former_flow": _former_flow,
    "expired_token": _kill_token,
    "bad_account": lambda chorus, request, options: Answer(401),
    "refusal": lambda chorus, request, options: Answer.json(
        {"codeRetour": options.get("code", 20000), "libelle": options.get("label", "SIMULATEUR - refus")}
    ),
}


def _distorted(content, request):
    """The answer under the payload faults of its call."""
    if request.fault("object_for_array"):
        content = {
            name: _lone(value) if isinstance(value, list) else value for name, value in content.items()
        }
    if rule := request.fault("unknown_status"):
        content = _with_status(content, rule.options.get("code", UNKNOWN_STATUS))
    if rule := request.fault("status_dated"):
        content = _with_field(content, "dateHeureEtatCourant", rule.options["at"], rule.options.get("number"))
    if rule := request.fault("field"):
        options = rule.options
        content = _with_field(content, options["field"], options.get("value"), options.get("number"))
    return content


def _with_field(value, field, given, number):
    if isinstance(value, list):
        return [_with_field(item, field, given, number) for item in value]
    if isinstance(value, dict):
        value = {name: _with_field(item, field, given, number) for name, item in value.items()}
        if field in value and number in (None, value.get("numeroFacture")):
            value[field] = given
    return value


def _lone(items):
    return None if not items else items[0] if len(items) == 1 else items


def _with_status(value, code):
    if isinstance(value, list):
        return [_with_status(item, code) for item in value]
    if isinstance(value, dict):
        return {
            name: code if name in _STATUS_FIELDS else _with_status(item, code) for name, item in value.items()
        }
    return value


def _shortened(body):
    """A request as kept in the list of calls: long texts (files) are cut."""
    if not isinstance(body, dict):
        return None
    return {
        name: f"{value[:20]}… ({len(value)})" if isinstance(value, str) and len(value) > 500 else value
        for name, value in body.items()
    }
