"""The control panel under /control: JSON in, JSON out. Not part of what is simulated."""

import json
import threading
from typing import Any

from . import flows, invoices, rules
from .clock import parse_instant, timestamp
from .faults import KINDS
from .ledger import ledger
from .seed import seed
from .server import Answer
from .settings import SETTINGS
from .subcontractor import subcontract


class BadOrder(Exception):
    """The order makes no sense; the text says why."""


class Control:
    """Routes are (method, path); a path may end with arguments, which are given to the function."""

    def __init__(self, application):
        self.application, self.chorus = application, application.chorus

    def __call__(self, request):
        parts = request.path.strip("/").split("/")[1:]
        for depth in range(len(parts), -1, -1):
            function: Any = self._ROUTES.get((request.method, "/".join(parts[:depth]), len(parts) - depth))
            if function is not None:
                break
        else:
            return Answer.json(
                {
                    "error": f"no such control: {request.method} {request.path}",
                    "controls": sorted(
                        f"{method} /control/{path}{'/…' * arguments}"
                        for method, path, arguments in self._ROUTES
                    ),
                },
                404,
            )
        try:
            order = json.loads(request.body) if request.body.strip() else {}
            answer = function(self, order, *parts[depth:])
        except (BadOrder, ValueError, KeyError, TypeError) as error:
            text = f"missing or unknown: {error}" if isinstance(error, KeyError) else str(error)
            return Answer.json({"error": text}, 400)
        return answer if isinstance(answer, Answer) else Answer.json(answer)

    # The whole

    def state(self, _order):
        chorus = self.chorus
        flows.settle(chorus)
        counts = {
            table: chorus.store.one(f"SELECT count(*) AS n FROM {table}")["n"]
            for table in ("deposit", "file", "invoice", "attachment", "structure")
        }
        return {
            "clock": self._clock(),
            "counts": counts,
            "settings": chorus.settings.as_dict(),
            "faults": chorus.faults.list(),
            "fault_totals": chorus.faults.totals,
            "clients": {
                name: {"apis": item["apis"], "terms": item["terms"]}
                for name, item in chorus.gateway.clients.items()
            },
            "accounts": {
                name: {key: value for key, value in item.items() if key != "password"}
                for name, item in chorus.gateway.accounts.items()
            },
        }

    def reset(self, _order):
        self.chorus.reset()
        self.application.calls.forget()
        self.application.server.inflight.vanished.clear()
        return {"clock": self._clock()}

    def shutdown(self, _order):
        threading.Timer(0.05, self.application.server.shutdown).start()
        return {"stopping": True}

    def set_clock(self, order):
        if "advance" in order:
            self.chorus.clock.advance(float(order["advance"]))
        elif "now" in order:
            self.chorus.clock.set(parse_instant(order["now"]))
        else:
            raise BadOrder("advance (seconds) or now (ISO date-time) is expected")
        return self._clock()

    def _clock(self):
        now = self.chorus.clock.now()
        return {"mode": self.chorus.clock.mode, "now": timestamp(now), "epoch": now}

    def set_settings(self, order):
        with self.chorus.store.transaction():
            flows.settle(self.chorus)
            self.chorus.settings.change(order)
        return self.chorus.settings.as_dict()

    def settings(self, _order):
        return {
            name: {"value": self.chorus.settings[name], "default": default, "meaning": meaning}
            for name, (default, meaning) in SETTINGS.items()
        }

    def rules(self, _order):
        return {
            "rules": [
                {
                    "id": rule.id,
                    "certainty": rule.certainty,
                    "source": rule.source,
                    "default": rule.on,
                    "on": self.chorus.rule_enabled(rule),
                    "text": rule.text,
                }
                for rule in rules.RULES
            ],
            "technical": {
                code: {"certainty": row[0], "source": row[1], "codeErreur": row[2], "text": row[3]}
                for code, row in rules.TECHNICAL.items()
            },
        }

    # Faults

    def faults(self, _order):
        return {
            "faults": self.chorus.faults.list(),
            "totals": self.chorus.faults.totals,
            "kinds": {
                name: {"stage": kind.stage, "meaning": kind.meaning, "options": kind.options}
                for name, kind in KINDS.items()
            },
        }

    def add_fault(self, order):
        return self.chorus.faults.add(order)

    def clear_faults(self, _order, number=None):
        self.chorus.faults.clear(None if number is None else int(number))
        return {"faults": self.chorus.faults.list()}

    # Deposits and invoices

    def ledger(self, _order):
        return ledger(self.chorus)

    def file(self, _order, flow_number, what):
        if what != "file":
            raise BadOrder("file is expected")
        row = self.chorus.store.one(
            "SELECT d.filename, c.bytes FROM deposit d JOIN content c "
            "USING (flow_number) WHERE flow_number = ?",
            flow_number,
        )
        if row is None:
            return Answer.json({"error": "unknown flow"}, 404)
        return Answer(
            200,
            row["bytes"],
            {
                "Content-Type": "application/octet-stream",
                "Content-Disposition": f'attachment; filename="{flow_number}"',
            },
        )

    def set_deposit(self, order, flow_number):
        flows.force(self.chorus, flow_number, order["state"])
        return {"flow_number": flow_number, "state": order["state"]}

    def set_status(self, order, invoice_id, what):
        if what != "status":
            raise BadOrder("status is expected")
        status = order["status"]
        with self.chorus.store.transaction():
            flows.settle(self.chorus)
            row = self._invoice(invoice_id)
            invoices.move(
                self.chorus, row["id"], status, order.get("comment"), who=order.get("who", "DESTINATAIRE")
            )
        return {"id": row["id"], "number": row["number"], "status": status}

    def _invoice(self, reference):
        """By id, or by number where only one invoice has it."""
        found = self.chorus.store.all(
            "SELECT * FROM invoice WHERE id = ? OR number = ?",
            int(reference) if reference.isdigit() else -1,
            reference,
        )
        if len(found) != 1:
            raise BadOrder(f"{len(found)} invoices for {reference}")
        return found[0]

    def play_subcontractor(self, order):
        """A subcontractor or co-contractor sends an invoice that a holder has to validate."""
        with self.chorus.store.transaction():
            flows.settle(self.chorus)
            return subcontract(self.chorus, **order)

    def seed(self, order):
        return seed(self.chorus, **order)

    # Who may call, who is known

    def set_structure(self, order, identifier):
        with self.chorus.store.transaction():
            flows.settle(self.chorus)
            return self.chorus.directory.set(identifier, **order)

    def structures(self, _order):
        return {"structures": self.chorus.directory.all()}

    def set_engagements(self, order):
        self.chorus.directory.set_engagements(order["engagements"])
        return {"engagements": self.chorus.directory.engagements}

    def set_client(self, order):
        client = self.chorus.gateway.set_client(order.pop("client_id"), **order)
        return {"apis": client["apis"], "terms": client["terms"]}

    def set_account(self, order):
        if isinstance(order.get("expires_at"), str):
            order["expires_at"] = parse_instant(order["expires_at"])
        account = self.chorus.gateway.set_account(order.pop("login"), **order)
        return {name: value for name, value in account.items() if name != "password"}

    def revoke_tokens(self, _order):
        self.chorus.gateway.revoke()
        return {}

    # Calls

    def calls(self, _order):
        return self.application.calls.as_dict()

    def forget_calls(self, _order):
        self.application.calls.forget()
        return {}

    def inflight(self, _order):
        """Requests in service now, and deposit requests whose client vanished while being served."""
        inflight = self.application.server.inflight
        deposits = [entry for entry in inflight.vanished if entry["route"] == "factures/v1/deposer/flux"]
        now = [entry for entry in inflight.now() if not entry["route"].startswith("/control")]
        return {
            "now": now,
            "deposits_now": sum(entry["route"] == "factures/v1/deposer/flux" for entry in now),
            "vanished": deposits,
            "kills_in_flight": len(deposits),
            "taken": sum(entry["flow_number"] is not None for entry in deposits),
            "other_vanished": len(inflight.vanished) - len(deposits),
            "most_at_once": dict(inflight.most),
        }

    _ROUTES = {
        ("GET", "state", 0): state,
        ("POST", "reset", 0): reset,
        ("POST", "shutdown", 0): shutdown,
        ("POST", "clock", 0): set_clock,
        ("GET", "settings", 0): settings,
        ("POST", "settings", 0): set_settings,
        ("GET", "rules", 0): rules,
        ("GET", "faults", 0): faults,
        ("POST", "faults", 0): add_fault,
        ("DELETE", "faults", 0): clear_faults,
        ("DELETE", "faults", 1): clear_faults,
        ("GET", "ledger", 0): ledger,
        ("GET", "deposits", 2): file,
        ("POST", "deposits", 1): set_deposit,
        ("POST", "invoices", 2): set_status,
        ("POST", "seed", 0): seed,
        ("POST", "subcontractor", 0): play_subcontractor,
        ("GET", "structures", 0): structures,
        ("POST", "structures", 1): set_structure,
        ("POST", "engagements", 0): set_engagements,
        ("POST", "clients", 0): set_client,
        ("POST", "accounts", 0): set_account,
        ("DELETE", "tokens", 0): revoke_tokens,
        ("GET", "calls", 0): calls,
        ("DELETE", "calls", 0): forget_calls,
        ("GET", "inflight", 0): inflight,
    }
