"""What `dev/bench` runs inside Odoo's shell. Every figure is per invoice unless its name says otherwise."""

import logging

from . import bench_follow, bench_life, bench_measure, bench_stock

SIZES = (1, 10, 50, 200)
LOOP = 20
# Odoo's wait for scripts, in ms: as it comes, and tuned away.
SHIPPED_DELAY, NO_DELAY = 1000, 1


def run(env, settings):
    """Measure everything; returns the figures as plain data."""
    logging.getLogger("odoo").setLevel(logging.WARNING)
    meter = bench_measure.Meter(settings["simulator"])
    stock = bench_stock.Stock(env, settings)
    bench = _Bench(stock, meter, settings)
    if settings["at_once"]:
        return {"at_once": bench.at_once()}
    figures = {
        "patched_qt": bench.patched,
        # First, while no other open invoices swell the lists.
        "life": bench_life.whole_life(stock, meter, settings),
        "network": bench.network() if settings["latency"] else None,
        # Before larger batches have made room that could be used again.
        "memory": bench.memory(),
        "native_loop": bench.native_loop(SHIPPED_DELAY),
        "native_shipped": bench.native_shipped(),
        "native_loop_tuned": bench.native_loop(NO_DELAY),
        "native_batch": {size: bench.native(size) for size in bench.sizes},
        "ours": {size: bench.ours(size) for size in bench.sizes},
        "ours_together": bench.ours_together(),
        "xml": bench.xml(),
        "findings": bench.findings(),
        "with_legal_pdf": bench.with_legal_pdf(),
        "click": bench.click(),
        "screen": bench.screen(),
        "following": bench_follow.following(stock, meter, settings),
        "directory": bench_follow.directory(stock, meter, settings),
    }
    figures["bad_files"] = stock.bad_files()
    return figures


class _Bench:
    def __init__(self, stock, meter, settings):
        self.stock, self.meter, self.settings = stock, meter, settings
        self.sizes = [size for size in SIZES if size <= settings["largest"]]
        self.middle = min(50, settings["largest"])
        self.patched = stock.patched_qt()
        stock.watch(meter)
        # The first of anything pays for caches that a running server has.
        self._native(stock.native(1))
        stock.send(stock.invoices(2))

    def _rounds(self, make, work, count):
        rounds = []
        for _number in range(self.settings["rounds"]):
            moves = make(count)
            self.stock.forget()
            with self.meter.block() as figures:
                work(moves)
            rounds.append(figures)
        return bench_measure.median(rounds, count)

    def _native(self, moves):
        # Odoo prints several invoices at once with patched Qt only, and fails otherwise.
        for part in [moves] if self.patched else moves:
            self.stock.env["account.move.send"]._generate_and_send_invoices(
                part, sending_methods=["manual"], invoice_edi_format="facturx", extra_edis=[]
            )
            self.stock.env.cr.commit()

    def native(self, count):
        return self._rounds(self.stock.native, self._native, count)

    def native_shipped(self):
        """Odoo's batch with its wait."""
        self.stock.set_print_delay(SHIPPED_DELAY)
        figures = self.native(self.middle)
        self.stock.set_print_delay(NO_DELAY)
        return figures

    def native_loop(self, delay):
        count = min(LOOP, self.settings["largest"])
        self.stock.set_print_delay(delay)
        figures = self._rounds(self.stock.native, lambda moves: [self._native(move) for move in moves], count)
        self.stock.set_print_delay(NO_DELAY)
        return figures

    def ours(self, count):
        """From the queue until Chorus Pro has integrated each invoice."""
        return self._rounds(self.stock.queued, self._until_integrated, count)

    def _until_integrated(self, moves):
        self.stock.run_queue()
        bench_life.follow(self.stock, self.settings, moves, "MISE_A_DISPOSITION")

    def ours_together(self):
        """The same with all invoices in one file."""
        self.stock.set_group(self.middle)
        figures = self.ours(self.middle)
        self.stock.set_group(1)
        return figures

    def network(self):
        """What waits for the network, without latency and with it, one after the other.

        :return: dict row → (figures without, figures with it), each for all invoices of the row
        """
        rows = {
            f"{self.middle} one by one": lambda: self._all_of(self.ours(self.middle)),
            f"{self.middle} in one file": lambda: self._all_of(self.ours_together()),
        }
        lives = []
        result = {}
        for latency in (0, self.settings["latency"]):
            bench_follow.post(self.settings, "settings", {"latency": latency})
            for name, measure in rows.items():
                result.setdefault(name, []).append(measure())
            lives.append(bench_life.whole_life(self.stock, self.meter, self.settings))
        bench_follow.post(self.settings, "settings", {"latency": 0})
        for kind in ("one_by_one", "together"):
            name = f"life of {lives[0]['invoices']} {kind.replace('_', ' ')}"
            result[name] = [life[kind] for life in lives]
        return result

    def _all_of(self, figures, count=None):
        return {name: figures[name] * (count or self.middle) for name in ("seconds", "calls")}

    def at_once(self):
        """The largest batch one by one, several files travelling at once, without a ceiling of pace.

        :return: dict with invoices, seconds ``without`` latency and ``with`` it, calls, and ``ratio``: how
            much longer than the longer of what the work and what the network takes alone
        """
        count, latency, width = (self.settings[name] for name in ("largest", "latency", "at_once"))
        self.stock.connection.write({"files_at_once": width, "calls_per_minute": 0})
        self.stock.env.cr.commit()
        plain, slow = [], []
        for seconds, figures in ((0, plain), (latency, slow)):
            bench_follow.post(self.settings, "settings", {"latency": seconds})
            figures.append(self._all_of(self.ours(count), count))
        least = max(plain[0]["seconds"], slow[0]["calls"] * latency / width)
        return {
            "invoices": count,
            "without": plain[0]["seconds"],
            "with": slow[0]["seconds"],
            "calls": slow[0]["calls"],
            "ratio": slow[0]["seconds"] / least,
        }

    def xml(self):
        """Our XML against the core's, for the same invoices."""
        count = self.middle

        def core(moves):
            builder = self.stock.env["account.edi.xml.cii"]
            for move in moves:
                builder._export_invoice(move)

        def ours(moves):
            invoices = moves._chorus_invoices("production")
            for move in moves:
                self.stock.einvoice.build_xml(invoices[move.id])

        return {
            "core": self._rounds(self.stock.native, core, count),
            "ours": self._rounds(self.stock.invoices, ours, count),
        }

    def findings(self):
        return self._rounds(
            self.stock.invoices, lambda moves: moves._chorus_findings("production"), self.middle
        )

    def with_legal_pdf(self):
        """Prepare and deposit invoices that Odoo printed before."""

        def printed(count):
            moves = self.stock.invoices(count)
            self.stock.print_legal(moves)
            self.stock.queue(moves)
            return moves

        return self._rounds(printed, lambda _moves: self.stock.run_queue(), self.middle)

    def click(self):
        """The accountant's click on the ready screen, for 200 invoices: seconds in all."""
        count = min(200, self.settings["largest"])

        def press(moves):
            self.stock.open_screen(moves).action_send()
            self.stock.env.cr.commit()

        figures = self._rounds(self.stock.invoices, press, count)
        self.stock.withdraw_all()
        return {"invoices": count, "seconds_in_all": figures["seconds"] * count, **figures}

    def screen(self):
        count = self.settings["screen"]
        figures = self._rounds(self.stock.same, self.stock.open_screen, count)
        return {"invoices": count, "seconds_in_all": figures["seconds"] * count, **figures}

    def memory(self):
        """Peak memory above idle while preparing many invoices in one run of the worker, in MB."""
        result = {}
        for count in sorted({self.middle, self.settings["memory"]} - {0}):
            self.stock.queued(count)
            self.stock.forget()
            idle = bench_measure.resident_mb()
            bench_measure.forget_peak()
            self.stock.run_queue()
            result[count] = bench_measure.peak_mb() - idle
        return result
