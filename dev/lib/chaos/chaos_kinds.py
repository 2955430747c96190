"""What a run of chaos meets besides faults and kills: one kind of trouble each, in turn.

A kind acts at three moments: ``begin`` before the storm, ``middle`` between storm and calm, ``end`` before
the verdict. What must never be seen it writes into ``run.wrong``; ``run.at_stake`` counts what could have
gone wrong, so that a kind that meets nothing is noticed.
"""

import datetime
import secrets
import time

from ..machine import locks
from ..server import databases
from . import chaos_faults

_HOUR = 3600.0
# An hour at a time: what is looked for is not there yet, and no horizon has passed.
_PATIENCE = 4
# Clocks of two hosts that differ by more than any horizon.
_AHEAD_HOURS = 25
# Beyond any calendar of ours, which the client takes for no date, and beyond tomorrow, which it lets through.
_ODD_DATES = (
    f"{datetime.date.today() + datetime.timedelta(days=300)}T09:30:00",
    "2199-05-01T10:00:00",
    "9999-12-31T00:00:00",
)
_OUR_COMPANY = "chorus_environment = 'production'"


class Kind:
    """Nothing but the storm: what the other kinds are compared with."""

    name = "plain"
    # Whether connections to the database may be cut in the storm.
    cuts = True

    def __init__(self, scene, run, dice):
        self.scene, self.run, self.dice = scene, run, dice

    def begin(self):
        """Before the storm; no worker runs."""
        self.run.at_stake = len(self.run.moves)

    def turns(self):
        """More workers of the storm: list of (role, moves)."""
        return []

    def middle(self):
        """After the storm; no worker runs, the faults are still on."""

    def end(self):
        """Once everything is calm; before the verdict."""

    # -- what several do ------------------------------------------------------------------------------

    def click(self):
        """A user sends everything."""
        self.scene.hosts[0].play("click", login="bruno", moves=self.run.moves)

    def prepare(self):
        """Make files that do not leave: Chorus Pro asks for patience at the first ones, then time goes by."""
        self.scene.without_faults()
        self.scene.sql("UPDATE chorus_connection SET group_state = 'refused'")
        # Of all that leave together.
        self.scene.order_fault(route=chaos_faults.DEPOSIT, kind="http_429", count=None)
        self.click()
        self.scene.hosts[0].play("send_now")
        self.scene.without_faults()
        self.scene.pass_time(1)
        self.run.at_stake = len(self.scene.queue(self.run.moves))

    def nothing_leaves(self, what, *workers):
        """Run ``workers`` (host, role, arguments); whatever Chorus Pro takes meanwhile is wrong."""
        before = self.scene.taken()
        for host, role, args in workers:
            host.play(role, **args)
        if left := self.scene.taken() - before:
            self.run.wrong.append(f"{left} files left {what}")

    def faults_again(self):
        """The faults of the run, which a quiet beginning had taken away."""
        for order in self.run.orders:
            self.scene.order_fault(**order)


class SwitchedOff(Kind):
    """Switched off, or over to test, while files leave one after the other."""

    name = "switched"

    def begin(self):
        scene = self.scene
        self.prepare()
        # However many travel at once in this chaos: all of a run's few would be gone before the switch.
        [at_once] = scene.sql("SELECT max(files_at_once) FROM chorus_connection")
        scene.sql("UPDATE chorus_connection SET files_at_once = 1")
        scene.simulator.control("settings", {"deposit_hold": {"min": 0.5, "max": 0.5}})
        sender = scene.hosts[0].start("send_now")
        while sender.status is None and not scene.in_flight():
            scene.hosts[0].look()
            time.sleep(0.01)
        if self.dice.random() < 0.5:
            scene.hosts[1].play("switch", to=False)
        else:
            # No connection to the test: an administrator would be told so, what a worker reads is the same.
            scene.sql(f"UPDATE res_company SET chorus_environment = 'test' WHERE {_OUR_COMPANY}")
        # What a worker had taken before the switch may still leave.
        leaving = int(scene.sql("SELECT count(*) FROM chorus_deposit WHERE state = 'sending'")[0])
        before = scene.taken()
        while sender.status is None:
            scene.hosts[0].look()
            time.sleep(0.01)
        scene.pass_time(1)
        scene.hosts[1].play("send_now")
        self.run.at_stake = len(scene.queue(self.run.moves))
        if (left := scene.taken() - before) > leaving:
            self.run.wrong.append(f"{left} files left after the switch, {leaving} were leaving")
        scene.hosts[0].play("switch", to="production")
        scene.sql(f"UPDATE chorus_connection SET files_at_once = {at_once}")
        hold = {**chaos_faults.HOLD, "seed": self.dice.randrange(10**6)}
        scene.simulator.control("settings", {"deposit_hold": hold})
        self.faults_again()


class Neighbour(Kind):
    """Another channel sends some of the same invoices meanwhile; each must go by one of the two."""

    name = "neighbour"
    # The neighbour writes its ledger before it commits: only what ends in order is a fair witness.
    cuts = False

    def turns(self):
        moves = self.run.moves
        return [("neighbour", self.dice.sample(moves, 3)), ("neighbour", self.dice.sample(moves, 2))]

    def begin(self):
        self.scene.hosts[1].play("neighbour", login="denis", moves=self.run.moves[:1])

    def end(self):
        self.run.at_stake = len(self.scene.elsewhere(self.run.moves))


class Dates(Kind):
    """A status with a date beyond any calendar, or of another century, and then the buyer's next word."""

    name = "dates"

    def end(self):
        scene, run = self.scene, self.run
        # The verdict has not fallen everywhere when something waits: those that are there count.
        held = scene.integrated(run.moves)
        if not held:
            return
        run.at_stake = len(held)
        at = _ODD_DATES[run.number % len(_ODD_DATES)]
        whose = {"number": scene.numbers(held[:1])[0]} if self.dice.random() < 0.5 else {}
        scene.order_fault(route=chaos_faults.SEARCH, kind="status_dated", count=None, at=at, **whose)
        self._buyer(held, "SUSPENDUE")
        scene.without_faults()
        self._buyer(held, "MISE_EN_PAIEMENT")
        late = scene.sql(
            f"SELECT number FROM chorus_deposit_line WHERE move_id IN {scene.ids(held)}"
            " AND state = 'integrated' AND status_code IS DISTINCT FROM 'MISE_EN_PAIEMENT'"
        )
        if late:
            run.wrong.append(f"the story of {', '.join(late)} stood still after a status dated {at}")

    def _buyer(self, moves, status):
        ledger = self.scene.simulator.control("ledger")["invoices"]
        ids = {invoice["number"]: invoice["id"] for invoice in ledger}
        for number in self.scene.numbers(moves):
            self.scene.simulator.control(f"invoices/{ids[number]}/status", {"status": status})
        for hours in (1, 26):
            self.scene.pass_time(hours)
            self.scene.hosts[0].play("crons")


class Restored(Kind):
    """A backup from before the sending is restored in place, and confirmed by an administrator."""

    name = "restored"

    def begin(self):
        scene = self.scene
        if self.dice.random() < 0.5:
            self.prepare()
        else:
            scene.without_faults()
            self.click()
        with scene.backup() as restore:
            scene.hosts[0].play("send_now")
            self.run.at_stake = scene.taken(self.run.moves)
            restore()
        self.nothing_leaves(
            "from a restored backup",
            (scene.hosts[0], "send_now", {}),
            (scene.hosts[1], "crons", {}),
        )
        scene.hosts[0].play("confirm_database")
        scene.hosts[0].play("send_now")
        self.faults_again()


class Cloned(Kind):
    """A copy of the database runs beside it."""

    name = "cloned"

    def begin(self):
        scene = self.scene
        self.prepare()
        clone = f"{scene.database}_{secrets.token_hex(2)}"
        lock = locks.take(clone)
        databases.copy(scene.database, clone)
        try:
            self.nothing_leaves(
                "from a clone",
                (scene.hosts[1], "send_now", {"database": clone}),
                (scene.hosts[1], "crons", {"database": clone}),
            )
        finally:
            databases.drop(clone)
            lock.close()
        self.faults_again()


class Repeated(Kind):
    """Chorus Pro answers with the flow number of an earlier deposit, and has taken nothing."""

    name = "repeated"

    def begin(self):
        self.scene.order_fault(route=chaos_faults.DEPOSIT, kind="former_flow", count=2, skip=1)

    def end(self):
        self.run.at_stake = self.scene.met("former_flow") - self.run.met_before.get("former_flow", 0)


class Redirected(Kind):
    """A redirect, or a conflict, after the file was taken."""

    name = "redirected"

    def begin(self):
        status = self.dice.choice((301, 302, 303, 307, 308, 409))
        self.scene.order_fault(
            route=chaos_faults.DEPOSIT, kind="bare_status", status=status, when="after", count=2
        )

    def end(self):
        self.run.at_stake = self.scene.met("bare_status") - self.run.met_before.get("bare_status", 0)


class Late(Kind):
    """Answers are lost, and what was taken shows only hours later."""

    name = "late"
    _hours = (5, 12, 20)
    # Index of the host that looks for what was lost.
    _looks_on = 0

    def begin(self):
        seconds = self.dice.choice(self._hours) * _HOUR
        delays = {"IN_DEPOT_PORTAIL_EN_ATTENTE_TRAITEMENT_SE_CPP": seconds}
        self.scene.simulator.control("settings", {"flow_delays": delays, "not_found_period": seconds})
        self.scene.order_fault(route=chaos_faults.DEPOSIT, kind="drop_after_accept", count=2)

    def middle(self):
        self.run.at_stake = self.scene.unconfirmed(self.run.moves)
        for _hour in range(_PATIENCE):
            self.scene.pass_time(1)
            self.scene.hosts[self._looks_on].play("crons")
        defaults = {"IN_DEPOT_PORTAIL_EN_ATTENTE_TRAITEMENT_SE_CPP": 4.0}
        self.scene.simulator.control("settings", {"flow_delays": defaults, "not_found_period": 2.0})


class ClocksApart(Late):
    """The second host is a day ahead, and it is the one that looks for what was lost."""

    name = "clocks"
    _hours = (5,)
    _looks_on = 1

    def begin(self):
        self.scene.hosts[1].ahead = _AHEAD_HOURS
        super().begin()

    def end(self):
        self.scene.hosts[1].ahead = 0


class Archived(Kind):
    """The connection is archived while files wait: nothing leaves, a person hears, and then it comes back."""

    name = "archived"

    def begin(self):
        scene = self.scene
        self.prepare()
        scene.hosts[0].play("archive", active=False)
        self.nothing_leaves(
            "through an archived connection",
            (scene.hosts[0], "crons", {}),
            (scene.hosts[1], "send_now", {}),
        )
        scene.pass_time(1)
        scene.hosts[0].play("crons")
        told = scene.sql(
            "SELECT 1 FROM mail_activity AS activity JOIN ir_model_data AS kind ON kind.name ="
            " 'activity_stopped' AND kind.res_id = activity.activity_type_id"
        )
        if not told:
            self.run.wrong.append("nobody was told that the connection is archived")
        scene.hosts[0].play("archive", active=True)
        self.faults_again()


class Raising(Kind):
    """What Chorus Pro says of one invoice cannot be written: a rule of somebody else raises."""

    name = "raising"

    def begin(self):
        self.scene.sql(_RULE.format(move=self.run.moves[0]))

    def middle(self):
        scene, run = self.scene, self.run
        bad = run.moves[0]
        scene.without_faults()
        for hours in (0.5, 1, 26, 1, 1):
            scene.pass_time(hours)
            scene.hosts[0].play("crons")
        held = set(scene.held(run.moves))
        kept = [move for move in held - {bad} if move not in scene.integrated(run.moves)]
        if kept:
            run.wrong.append(f"one record that raises keeps {scene.numbers(kept)} from being followed")
        if bad in held:
            run.at_stake = len(held)
            if not scene.told(bad):
                run.wrong.append(f"nobody was told of {scene.numbers([bad])}, which cannot be written")
        scene.sql("DROP TRIGGER chaos_refuses ON chorus_deposit_line")


_RULE = """
CREATE OR REPLACE FUNCTION chaos_refuses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state = 'integrated' AND OLD.state <> 'integrated' THEN
        RAISE EXCEPTION 'a rule of somebody else refuses it';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER chaos_refuses BEFORE UPDATE ON chorus_deposit_line
    FOR EACH ROW WHEN (NEW.move_id = {move}) EXECUTE FUNCTION chaos_refuses();
"""


class PastTheLock(Kind):
    """Two processes queue one invoice past every lock and look: only the unique index is left."""

    name = "past_lock"

    def begin(self):
        inserts = [host.start("insert_line", move=self.run.moves[0]) for host in self.scene.hosts]
        while any(insert.status is None for insert in inserts):
            for host in self.scene.hosts:
                host.look()
            time.sleep(0.01)
        self.run.at_stake = len(inserts)
        results = sorted(str(insert.result) for insert in inserts)
        if results != ["queued"] + ["refused"] * (len(inserts) - 1):
            self.run.wrong.append(f"inserts at once: {results}")


KINDS = {
    kind.name: kind
    for kind in (
        Kind, SwitchedOff, Neighbour, Dates, Restored, Cloned, Repeated,
        Redirected, Late, Archived, ClocksApart, Raising, PastTheLock,
    )
}  # fmt: skip
