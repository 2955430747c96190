"""`dev/load --clock N`: N invoices clicked in a running server; how long a person waits, nobody helping.

Everything goes as in real life: an accountant creates, posts and sends over Odoo's own calls of its screens,
then waits; Odoo's scheduled actions work at their default settings and on their own clock. Every second it is
noted how many were deposited, reported and shown.
"""

import os
import time

from .. import console, paths
from ..demo import demo_company, demo_data, demo_invoices
from ..server import databases, stage

_BATCH = 100
# What is asked of the database each second: the least that tells how far everything is.
_COUNTS = """
    SELECT count(*) FILTER (WHERE coalesce(d.flow_number, '') != ''),
        count(*) FILTER (WHERE l.state = 'integrated'),
        count(*) FILTER (WHERE l.state NOT IN ('queued', 'ready', 'sending', 'sent', 'integrated'))
    FROM chorus_deposit_line l LEFT JOIN chorus_deposit d ON d.id = l.deposit_id
"""


def play(environment, options, folder):
    """Click, wait, measure.

    :param options: `clock` (how many), `latency` (seconds a call), `pace` (calls a minute, 0: no limit),
        `one_by_one` (one invoice a deposit), `cron_threads`, `workers`, `patience` (seconds)
    :return: dict of figures
    """
    with stage.fresh_stage(
        environment, "clock", folder, cron_threads=options.cron_threads, workers=options.workers
    ) as scene:
        if options.latency:
            scene.simulator.control("settings", {"latency": options.latency})
        accountant = demo_company.prepare(scene)
        _settings(scene, options)
        with console.step(f"Making {options.clock} invoices"):
            moves = _invoices(accountant, options.clock)
        scene.simulator.control("calls", method="DELETE")
        clicked, seconds = _click(accountant, moves)
        figures = {"invoices": len(moves), "click_seconds": seconds}
        figures |= _Watch(scene, accountant, moves, clicked).until_shown(options.patience)
        return figures | _judge(scene, accountant, moves)


def _settings(scene, options):
    administrator = scene.login()
    company = administrator.ref("base.demo_company_fr")
    administrator.context = {"allowed_company_ids": [company]}
    connections = administrator.call("chorus.connection", "search", [("company_id", "=", company)])
    administrator.call("chorus.connection", "write", connections, {"calls_per_minute": options.pace})
    # The demo's company sends one by one; a new one has the default.
    size = administrator.call("res.company", "default_get", ["chorus_group_size"])
    if options.one_by_one:
        size = {"chorus_group_size": 1}
    administrator.call("res.company", "write", [company], size)


def _invoices(accountant, count):
    taxes = demo_invoices.taxes(accountant)
    [partner] = accountant.call("res.partner", "search", [("name", "=", demo_data.CUSTOMERS["free"][0])])
    values = {
        "move_type": "out_invoice",
        "partner_id": partner,
        "invoice_line_ids": [(0, 0, demo_invoices.line_values(demo_data.line("Lampe", 90), taxes))],
    }
    moves = []
    while len(moves) < count:
        some = accountant.create("account.move", [values] * min(_BATCH, count - len(moves)))
        accountant.call("account.move", "action_post", some)
        moves += some
    return moves


def _click(accountant, moves):
    """Choose all in the list, press Send: (moment of the click, seconds until its notice)."""
    action = accountant.call("account.move", "action_chorus_send", moves)
    clicked = time.monotonic()
    accountant.call("chorus.send", "action_send", [action["res_id"]])
    return clicked, round(time.monotonic() - clicked, 1)


class _Watch:
    """Looks once a second how far everything is."""

    STEPS = ("deposited", "reported", "shown")

    def __init__(self, scene, accountant, moves, clicked):
        self._scene, self._accountant, self._moves, self._clicked = scene, accountant, moves, clicked
        self._reached = dict.fromkeys(self.STEPS, (0, 0.0))
        self._pause = (0.0, "")
        self._loads, self._busy = [], _processor()

    def until_shown(self, patience):
        """Wait until the last one is shown, or until nothing more is expected; returns the figures."""
        end = self._clicked + patience
        told = 0
        while time.monotonic() < end:
            counts = self._look()
            if counts["shown"] + counts["astray"] >= len(self._moves):
                break
            if time.monotonic() - self._clicked > 60 * (told + 1):
                told += 1
                console.say(f"{told} min: " + ", ".join(f"{counts[step]} {step}" for step in self.STEPS))
            time.sleep(1)
        busy, idle = (after - before for after, before in zip(_processor(), self._busy, strict=True))
        return {
            **{f"last_{step}_seconds": round(self._reached[step][1], 1) for step in self.STEPS},
            **{step: self._reached[step][0] for step in self.STEPS},
            "longest_pause_seconds": round(self._pause[0], 1),
            "longest_pause_before": self._pause[1],
            "load_average": round(sum(self._loads) / max(1, len(self._loads)), 1),
            "processors": os.cpu_count(),
            "processors_busy_percent": round(100 * busy / max(1, busy + idle)),
        }

    def _look(self):
        deposited, reported, astray = map(int, databases.sql(self._scene.database, _COUNTS)[0].split("|"))
        shown = self._accountant.call(
            "account.move",
            "search_count",
            [("id", "in", self._moves), ("chorus_test_state", "=", "integrated")],
        )
        counts = {"deposited": deposited, "reported": reported, "shown": shown}
        now = time.monotonic() - self._clicked
        last = max(moment for _count, moment in self._reached.values())
        for step, count in counts.items():
            if count > self._reached[step][0]:
                if now - last > self._pause[0]:
                    self._pause = (now - last, f"{step} {self._reached[step][0]}")
                self._reached[step] = (count, now)
        self._loads.append(os.getloadavg()[0])
        return counts | {"astray": astray}


def _processor():
    """Seconds (in ticks) that all processors together were busy and idle since the machine started."""
    with open("/proc/stat") as table:
        ticks = [int(word) for word in table.readline().split()[1:]]
    idle = ticks[3] + ticks[4]
    return sum(ticks[:8]) - idle, idle


def _judge(scene, accountant, moves):
    """What Chorus Pro took, what that has cost, and what is not as it should be."""
    deposits = scene.simulator.control("ledger")["deposits"]
    taken = [file["number"] for deposit in deposits for file in deposit["files"]]
    rows = accountant.call("account.move", "read", moves, ["name", "chorus_test_state", "activity_ids"])
    counts = scene.simulator.control("calls")["counts"]
    runs = databases.sql(
        scene.database,
        "SELECT d.name, count(*) FROM ir_cron_progress p JOIN ir_model_data d ON d.res_id = p.cron_id AND"
        f" d.model = 'ir.cron' AND d.module = '{paths.NAME}' GROUP BY 1 ORDER BY 1",
    )
    return {
        "files": len(deposits),
        "doubled": len(taken) - len(set(taken)),
        "missing": len({row["name"] for row in rows} - set(taken)),
        "not_shown_integrated": sum(row["chorus_test_state"] != "integrated" for row in rows),
        "told_to_act": sum(bool(row["activity_ids"]) for row in rows),
        "calls": sum(counts.values()),
        "calls_by_route": dict(sorted(counts.items())),
        "runs": dict(row.split("|") for row in runs),
    }


def passed(figures):
    """Whether every invoice arrived once and shows it, and nobody was told to act for nothing."""
    return not any(figures[name] for name in ("doubled", "missing", "not_shown_integrated", "told_to_act"))
