"""`dev/load --companies N`: many companies in one database, one of them with a gateway that hangs.

Odoo's scheduled actions work at default settings in a running server. First all companies but the busy ones
have nothing to do: how long until each was asked about. Then the busy ones click, once with every gateway
answering and once while one hangs: how much later the others arrive, and how much of the runs that one takes.
"""

import contextlib
import json
import time

from .. import console, paths
from ..server import databases, odoo, rpc
from ..server.simulator import Simulator

MAKE = """
import json, sys
sys.path.insert(0, {folder!r})
from lib.bench import companies_inside
settings = json.loads({settings!r})
two, one = settings["two"], settings["one"]
count, each = settings["busy"] + 1, 2 * settings["each"]
busy = companies_inside.make(env, [two] + [one] * settings["busy"], count, each)
template = busy.pop()
companies_inside.multiply_idle(env, template, one["api_url"], settings["idle"], settings["first_idle"])
env.cr.execute("UPDATE chorus_connection SET group_state = 'proven'")
env.cr.commit()
result = busy
"""
# Busy companies have numbers below, see companies_inside.siret.
_FIRST_IDLE = 1001
# Share of time, and of delay, that a gateway that hangs may cost the others.
MOST = 0.10
# Seconds in which every idle company must have been asked about.
_IDLE_WITHIN = 30 * 60


def play(environment, options, folder):
    """Make the companies, let them idle, click twice; returns the figures.

    :param options: `companies` (all of them), `each` (invoices of a busy one, a tenth are busy), `latency`,
        `cron_threads` of each of so many `hosts`, `watch` (seconds for which the hanging one is looked at, 0:
        none hangs), `patience`, `shown` (whether
        the others are waited for until Chorus Pro has integrated theirs, or only until they are deposited)
    """
    busy = max(3, options.companies // 10)
    with (
        databases.temporary(environment, "companies", databases.with_addon(environment)) as database,
        Simulator(folder / "one", "one") as one,
        Simulator(folder / "two", "two") as two,
    ):
        reached = [
            {"auth_url": item.auth_url, "api_url": item.url, "credentials": item.CREDENTIALS}
            for item in (one, two)
        ]
        settings = {
            "one": reached[0],
            "two": reached[1],
            "busy": busy,
            "each": options.each,
            "idle": options.companies - busy,
            "first_idle": _FIRST_IDLE,
        }
        with console.step(f"Making {options.companies} companies"):
            text = MAKE.format(folder=str(paths.ROOT / "dev"), settings=json.dumps(settings))
            rows = odoo.script(environment, database, text, "companies")
        for item in (one, two):
            for row in rows:
                item.control(f"structures/{row['siret']}", {"name": "Atelier", "public": False})
            item.control("settings", {"latency": options.latency})
        with contextlib.ExitStack() as running:
            hosts = [
                running.enter_context(
                    odoo.Server(environment, database, f"odoo{number}", cron_threads=options.cron_threads)
                )
                for number in range(options.hosts)
            ]
            play = _Play(hosts[0], database, (one, two), rows, options)
            figures = {"companies": options.companies, "busy": busy, "invoices_each": options.each}
            figures |= play.idle(options.companies - busy)
            usual = play.click(0, hangs=False)
            figures |= {f"usual_{name}": value for name, value in usual.items()}
            if not options.watch:
                return figures
            hanging = play.click(1, hangs=True)
    figures |= {f"hanging_{name}": value for name, value in hanging.items()}
    for name in ("mean_deposited", "last_deposited"):
        figures[f"others_later_{name}_percent"] = round(100 * (hanging[name] / usual[name] - 1), 1)
    return figures


class _Play:
    def __init__(self, server, database, simulators, rows, options):
        self._server, self._database, self._rows, self._options = server, database, rows, options
        self._one, self._two = simulators

    def _ask(self, statement):
        return [tuple(map(int, row.split("|"))) for row in databases.sql(self._database, statement)]

    def idle(self, count):
        """The time of the regular run comes; wait until each idle company was asked about."""
        self._one.control("calls", method="DELETE")
        began = time.monotonic()
        self._make_due("cron_follow")
        served = checked = 0
        while served < count and time.monotonic() - began < _IDLE_WITHIN:
            time.sleep(1)
            [(served, checked)] = self._ask(
                "SELECT count(follow_turn_at), count(full_check_at) FROM chorus_connection"
                " WHERE login LIKE 'IDLE%'"
            )
        return {
            "idle_served": served,
            "idle_checked_whole": checked,
            "idle_seconds": round(time.monotonic() - began, 1),
            "idle_calls": sum(self._one.control("calls")["counts"].values()),
        }

    def _make_due(self, cron):
        databases.sql(
            self._database,
            "UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC' WHERE id = (SELECT res_id"
            f" FROM ir_model_data WHERE module = '{paths.NAME}' AND name = '{cron}')",
        )
        databases.sql("postgres", f"SELECT pg_notify('cron_trigger', '{self._database}')")

    def click(self, turn, hangs):
        """Each busy company clicks its invoices; wait until the others' have arrived.

        :param int turn: which of their invoices
        :param bool hangs: the first company's gateway takes calls and answers none
        """
        each = self._options.each
        clicked = {row["company"]: row["moves"][turn * each : (turn + 1) * each] for row in self._rows}
        hanging, *others = clicked
        if hangs:
            fault = {"route": "*", "kind": "slow", "when": "before", "seconds": 3600, "count": None}
            self._two.control("faults", fault)
        session = rpc.Session(self._server.url, self._database, "admin", "admin")
        began = time.monotonic()
        for company, moves in clicked.items():
            session.context = {"allowed_company_ids": [company]}
            action = session.call("account.move", "action_chorus_send", moves)
            session.call("chorus.send", "action_send", [action["res_id"]])
        figures = {"click_seconds": round(time.monotonic() - began, 1)}
        deposited, shown, watch = {}, {}, _Watch(self._two)
        least = self._options.watch if hangs else 0
        while (now := time.monotonic() - began) < max(least, self._options.patience):
            for company, sent, there in self._progress(clicked):
                if sent == each:
                    deposited.setdefault(company, now)
                if there == each:
                    shown.setdefault(company, now)
            if hangs:
                watch.look(now)
            arrived = shown if self._options.shown else deposited
            if now >= least and all(company in arrived for company in others):
                break
            time.sleep(0.5)
        figures |= {
            "companies_shown": sum(company in shown for company in others),
            "mean_deposited": round(sum(deposited.get(one, now) for one in others) / len(others), 1),
            "last_deposited": round(max(deposited.get(one, now) for one in others), 1),
            "last_shown": round(max(shown.get(one, now) for one in others), 1),
        }
        if not hangs:
            return figures
        [(rests, resting)] = self._ask(
            "SELECT coalesce(rest_count, 0), coalesce((rest_until > now() AT TIME ZONE 'UTC')::int, 0)"
            f" FROM chorus_connection WHERE company_id = {hanging}"
        )
        self._two.control("faults", method="DELETE")
        return figures | watch.figures() | {"rests": rests, "resting": resting}

    def _progress(self, clicked):
        moves = ", ".join(str(number) for some in clicked.values() for number in some)
        return self._ask(
            "SELECT line.company_id, count(*) FILTER (WHERE coalesce(deposit.flow_number, '') != ''),"
            " count(*) FILTER (WHERE line.state = 'integrated')"
            " FROM chorus_deposit_line AS line"
            " LEFT JOIN chorus_deposit AS deposit ON deposit.id = line.deposit_id"
            f" WHERE line.move_id IN ({moves}) GROUP BY line.company_id"
        )


class _Watch:
    """Looks at a gateway that hangs: for how long somebody waits for it after its first time-out."""

    def __init__(self, simulator):
        self._simulator = simulator
        self._ended = self._last = None
        self._waited = 0.0
        self._busy = False

    def look(self, now):
        busy = bool(self._simulator.control("inflight")["now"])
        if self._busy and not busy and self._ended is None:
            self._ended = now
        elif self._ended is not None and self._busy:
            self._waited += now - self._last
        self._busy, self._last = busy, now

    def figures(self):
        watched = (self._last or 0) - (self._ended or 0)
        return {
            "first_time_out": self._ended and round(self._ended, 1),
            "watched_after_it": round(watched, 1),
            "waited_after_it": round(self._waited, 1),
            "share_percent": round(100 * self._waited / watched, 1) if self._ended and watched else None,
        }


def passed(figures):
    """Whether all idle companies were asked about in time, and one that hangs cost the others little."""
    served = figures["idle_served"] == figures["companies"] - figures["busy"]
    if "hanging_share_percent" not in figures:
        return served
    return (
        served
        and figures["others_later_mean_deposited_percent"] <= 100 * MOST
        and figures["hanging_share_percent"] is not None
        and figures["hanging_share_percent"] <= 100 * MOST
    )
