"""One run of chaos: a storm of workers under faults and kills, then calm, then the verdict."""

import contextlib
import dataclasses
import time

from ..machine import locks
from ..server import databases, invariants
from . import chaos_faults, chaos_judge
from .chaos_fleet import socket_inode
from .chaos_judge import Verdict
from .chaos_kinds import KINDS

_USERS = ("anne", "bruno", "chloe", "denis")
# What a storm is made of, besides the clicks of two users with which it begins.
_ROLES = ("cron", "cron", "send_now", "send_now", "send_now", "send_now", "follow", "click", "print", "check")
_STORM_SECONDS = 60
# How often workers are sent out again when none was in flight at the moment of a kill.
_WAVES = 4
# By how much the clocks go on between two rounds of calm; past every delay and horizon of the module.
_HOURS = (0.5, 1, 26, 1, 1, 1, 26, 1, 1, 1, 26, 1, 80, 2)
# Moments that Chorus Pro gave are not those of the module's clock.
_REMOTE_MOMENTS = ("status_at", "flow_state_at", "followed_until", "at", "paid_at", "first_available_at")


@dataclasses.dataclass
class Run:
    """What happened in one run."""

    number: int
    moves: list
    seed: str = ""
    kind: str = "plain"
    at_stake: int = 0
    wrong: list = dataclasses.field(default_factory=list)
    broken: list = dataclasses.field(default_factory=list)
    met_before: dict = dataclasses.field(default_factory=dict)
    duplicate_check: bool = True
    orders: list = dataclasses.field(default_factory=list)
    workers: int = 0
    kills: int = 0
    aimed: int = 0
    cuts: int = 0
    incidents: int = 0
    crashes: list = dataclasses.field(default_factory=list)
    rounds: int = 0
    seconds: float = 0.0
    verdict: Verdict = None


class Play:
    """Everything that the runs share: hosts, simulator, database."""

    def __init__(self, hosts, simulator, database, width, network=None):
        self.hosts, self.simulator, self.database, self.width = hosts, simulator, database, width
        self._network = network
        self._tables = _module_moments(database)

    def run(self, number, moves, dice, seed, kind="plain"):
        """Play one run with the invoices ``moves``; returns a :class:`Run` with its verdict."""
        run = Run(number, moves, seed=seed, kind=kind, met_before=self._met())
        trouble = KINDS[kind](self, run, dice)
        start = time.monotonic()
        self._stir(run, dice)
        trouble.begin()
        self._storm(run, dice, trouble)
        # What following and searching mend later is seen here only.
        run.broken = invariants.broken(self.database, settled=False)
        trouble.middle()
        self._calm(run, dice)
        trouble.end()
        self._verdict(run)
        run.seconds = round(time.monotonic() - start, 2)
        return run

    # -- the storm ------------------------------------------------------------------------------------

    def _stir(self, run, dice):
        run.duplicate_check = bool(run.number % 2)
        hold = {**chaos_faults.HOLD, "seed": dice.randrange(10**6)}
        self.simulator.control("settings", {"duplicate_check": run.duplicate_check, "deposit_hold": hold})
        run.orders = chaos_faults.draw(dice)
        for order in run.orders:
            self.simulator.control("faults", order)
        groups = dice.choice(("untried", "proven", "refused"))
        self.sql(f"UPDATE chorus_connection SET group_state = '{groups}'")

    def _storm(self, run, dice, trouble):
        """Clicks and workers side by side, some of them killed, until each had its turn."""
        most = len(run.moves) * 3 // 4
        turns = [("click", run.moves[:most]), ("click", dice.sample(run.moves, most))]
        turns += trouble.turns()
        turns += [(role, dice.sample(run.moves, 3)) for role in dice.choices(_ROLES, k=self.width + 1)]
        aims = dice.choice(chaos_faults.KILLS_IN_FLIGHT)
        cut = dice.random() < chaos_faults.CUT_SHARE and trouble.cuts
        waves = _WAVES
        doomed, started = {}, []
        deadline = time.monotonic() + _STORM_SECONDS
        while time.monotonic() < deadline:
            if not turns and not self._busy():
                if not (aims and waves and self.queue(run.moves)):
                    break
                # Nobody was in flight to be aimed at: once more, after the rest of a connection that failed.
                waves -= 1
                self.pass_time(0.3)
                turns = [("send_now", ()), ("send_now", ())]
            clicked = any(worker.status is not None for worker in started)
            while turns and self._busy() < self.width and (clicked or turns[0][0] == "click"):
                worker = self._start(dice, *turns.pop(0))
                started.append(worker)
                if dice.random() < chaos_faults.RANDOM_KILL_SHARE and worker.role != "neighbour":
                    doomed[worker] = worker.started + dice.uniform(0, chaos_faults.RANDOM_KILL_SECONDS)
            for worker, moment in list(doomed.items()):
                if time.monotonic() > moment:
                    worker.kill()
                    del doomed[worker]
            if aims and self.kill_in_flight():
                aims -= 1
                run.aimed += 1
            if cut and len(started) > self.width:
                cut = False
                run.cuts += 1
                self.cut_database()
            time.sleep(0.01)
        self.kill_all()
        run.workers += len(started)
        run.kills += sum(worker.killed and worker.status == -9 for worker in started)
        run.crashes += [worker.role for worker in started if worker.status not in (0, -9)]
        if dice.random() < chaos_faults.INCIDENT_SHARE:
            self._incident(run, dice)

    def _start(self, dice, role, moves):
        host = dice.choice(self.hosts)
        login = dice.choice(_USERS)
        return {
            "click": lambda: host.start("click", login=login, moves=moves),
            "print": lambda: host.start("send_and_print", login=login, moves=moves),
            "check": lambda: host.start("check_now", login=login, moves=moves),
            "cron": lambda: host.start("cron", name="send"),
            "follow": lambda: host.start("cron", name="follow"),
            "send_now": lambda: host.start("send_now"),
            "neighbour": lambda: host.start("neighbour", login=login, moves=moves),
        }[role]()

    def _alive(self):
        return [worker for host in self.hosts for worker in host.alive()]

    def kill_all(self):
        """End every worker that is still alive."""
        for worker in self._alive():
            worker.kill()
        while self._busy():
            time.sleep(0.01)

    def _busy(self):
        return sum(host.count() for host in self.hosts)

    def in_flight(self):
        """The deposits that the simulator is serving just now; `flow_number` is set once it has taken one."""
        return [
            entry
            for entry in self.simulator.control("inflight")["now"]
            if entry["route"] == chaos_faults.DEPOSIT and entry["phase"] == "serving"
        ]

    def kill_in_flight(self, taken=None):
        """Kill a worker whose deposit the simulator is serving; returns whether there was one.

        `taken`: only one that the simulator has taken already, or (False) not yet.
        """
        for entry in self.in_flight():
            if taken is None or taken == bool(entry["flow_number"]):
                inode = socket_inode(entry["peer"])
                for worker in self._alive():
                    if inode and worker.has_socket(inode):
                        worker.kill()
                        return True
        return False

    def cut_database(self):
        """All connections to the database end, as when PostgreSQL is restarted."""
        self.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    def _incident(self, run, dice):
        """A flow that is followed ends badly, whatever is in it.

        Not one whose number was lost with the answer: that it was rejected cannot be known, so sending it
        again, though right, would count as doubled.
        """
        flows = self.sql("SELECT flow_number FROM chorus_deposit WHERE state = 'sent'")
        if flows:
            state = dice.choice(("IN_INCIDENTE", "IN_REJETE"))
            # The verdict may have fallen meanwhile.
            with contextlib.suppress(OSError):
                self.simulator.control(f"deposits/{dice.choice(flows)}", {"state": state})
                run.incidents += 1

    # -- calm -----------------------------------------------------------------------------------------

    def _calm(self, run, dice):
        """Faults off; users click what was left; time goes by and the crons run until nothing moves."""
        self.without_faults()
        self.simulator.control("settings", {"deposit_hold": {"min": 0.0, "max": 0.0}})
        for run.rounds, hours in enumerate(_HOURS, 1):
            self.pass_time(hours)
            host = dice.choice(self.hosts)
            elsewhere = self.elsewhere(run.moves)
            left = [move for move in self._clickable(run.moves) if move not in elsewhere]
            if left:
                host.play("click", login=_USERS[0], moves=left)
            host.play("crons")
            if not self._moving(run.moves):
                break

    def _verdict(self, run):
        """What the ledger, the neighbour's and the tables say of the run."""
        run.verdict = chaos_judge.judge(
            self.simulator.control("ledger"), self.sql, run.moves, self.elsewhere(run.moves)
        )
        run.broken += [row for row in invariants.broken(self.database) if row not in run.broken]
        # What was judged needs no following, or the last run would follow the invoices of all.
        self.sql(f"UPDATE chorus_deposit_line SET followed = false WHERE move_id IN {_list(run.moves)}")

    # -- what the kinds of runs ask and do --------------------------------------------------------------

    def without_faults(self):
        """No fault is active any more."""
        self.simulator.control("faults", method="DELETE")

    def order_fault(self, **order):
        """Order one fault of the simulator."""
        self.simulator.control("faults", order)

    def _met(self):
        return dict(self.simulator.control("state")["fault_totals"])

    def met(self, kind):
        """How often a fault was met so far."""
        return self._met().get(kind, 0)

    def taken(self, moves=None):
        """How many files Chorus Pro has taken so far: of some invoices, else at all."""
        deposits = self.simulator.control("ledger")["deposits"]
        files = [file["number"] for deposit in deposits for file in deposit["files"]]
        return len(files) if moves is None else sum(map(files.count, self.numbers(moves)))

    def numbers(self, moves):
        """The numbers of invoices."""
        return self.sql(f"SELECT name FROM account_move WHERE id IN {_list(moves)} ORDER BY id")

    def _by_number(self, moves, numbers):
        rows = self.sql(f"SELECT id, name FROM account_move WHERE id IN {_list(moves)} ORDER BY id")
        pairs = [row.split("|") for row in rows]
        return [int(move) for move, number in pairs if number in numbers]

    def held(self, moves):
        """Which of the invoices Chorus Pro has integrated, whatever Odoo says."""
        ledger = self.simulator.control("ledger")["invoices"]
        return self._by_number(moves, {invoice["number"] for invoice in ledger})

    def elsewhere(self, moves):
        """Which of the invoices the other channel has sent."""
        sent = self._network and self._network / "sent"
        return self._by_number(moves, set(sent.read_text().split())) if sent and sent.exists() else []

    def integrated(self, moves):
        """Which of the invoices Odoo shows as integrated."""
        return self._ids(
            f"SELECT move_id FROM chorus_deposit_line WHERE move_id IN {_list(moves)}"
            " AND state = 'integrated' ORDER BY move_id"
        )

    def unconfirmed(self, moves):
        """How many of the invoices are on their way with an unknown outcome."""
        return int(
            self.sql(
                f"SELECT count(*) FROM chorus_deposit_line WHERE move_id IN {_list(moves)}"
                " AND state IN ('sending', 'unconfirmed')"
            )[0]
        )

    def told(self, move):
        """Whether a person has an open activity on an invoice."""
        return self.sql(
            f"SELECT id FROM mail_activity WHERE res_model = 'account.move' AND res_id = {move} AND active"
        )

    @staticmethod
    def ids(moves):
        """Ids for SQL."""
        return _list(moves)

    @contextlib.contextmanager
    def backup(self):
        """Yields a function that puts the database back in place as it is now: restored, under its name."""
        name = f"{self.database}_backup"
        # What no command holds is dropped as left by a dead one.
        lock = locks.take(name)
        databases.sql("postgres", f'CREATE DATABASE "{name}" TEMPLATE "{self.database}" STRATEGY FILE_COPY')

        def restore():
            databases.sql("postgres", f'DROP DATABASE "{self.database}" WITH (FORCE)')
            databases.sql("postgres", f'ALTER DATABASE "{name}" RENAME TO "{self.database}"')

        try:
            yield restore
        finally:
            databases.sql("postgres", f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            lock.close()

    def queue(self, moves):
        """Invoices that have not left yet."""
        return self._ids(
            f"SELECT move_id FROM chorus_deposit_line WHERE move_id IN {_list(moves)}"
            " AND state IN ('queued', 'ready', 'sending')"
        )

    def settle(self, moves):
        """Let time go by and the crons run until every invoice is with its buyer, or nothing helps."""
        for hours in _HOURS:
            self.pass_time(hours)
            self.hosts[0].play("crons", seconds=600)
            if not self._moving(moves):
                break

    def pass_time(self, hours):
        """The simulator's clock goes on; the module's stored moments go back by as much."""
        self.simulator.control("clock", {"advance": hours * 3600})
        self.sql(
            "".join(
                f"UPDATE {table} SET "
                + ", ".join(f"{name} = {name} - interval '{hours} hours'" for name in columns)
                + ";"
                for table, columns in self._tables.items()
            )
        )

    def _clickable(self, moves):
        """Invoices that nobody has sent yet, or that came back."""
        return self._ids(
            f"SELECT id FROM account_move m WHERE id IN {_list(moves)} AND NOT EXISTS (SELECT 1"
            " FROM chorus_deposit_line l WHERE l.move_id = m.id"
            " AND l.state NOT IN ('blocked', 'rejected', 'failed', 'cancelled'))"
        )

    def _moving(self, moves):
        moving = self._ids(
            f"SELECT id FROM account_move m WHERE id IN {_list(moves)} AND NOT EXISTS (SELECT 1"
            " FROM chorus_deposit_line l WHERE l.move_id = m.id AND l.state = 'integrated')"
        )
        return [move for move in moving if move not in self.elsewhere(moves)]

    def _ids(self, statement):
        return [int(line) for line in self.sql(statement)]

    def sql(self, statement):
        return databases.sql(self.database, statement)


def _list(ids):
    return "(" + ", ".join(map(str, ids)) + ")"


def _module_moments(database):
    """The columns that hold moments of the module's own clock: dict table -> list of names."""
    rows = databases.sql(
        database,
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_name LIKE 'chorus%'"
        " AND data_type = 'timestamp without time zone' AND is_generated = 'NEVER'"
        " AND table_name IN (SELECT relname FROM pg_class WHERE relkind = 'r')",
    )
    tables = {}
    for row in rows:
        table, column = row.split("|")
        if column not in _REMOTE_MOMENTS:
            tables.setdefault(table, []).append(column)
    return tables
