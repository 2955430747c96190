"""Many invoices at once: users with overlapping selections, several processes that send."""

import random
import time

from . import chaos_judge

_SECONDS = 1800


def play(scene, moves):
    """Four users click, then `scene.width` processes send side by side; returns the summary."""
    start = time.monotonic()
    dice = random.Random(1)
    users = ("anne", "bruno", "chloe", "denis")
    quarter = len(moves) // len(users)
    clicks = []
    for index, login in enumerate(users):
        # Every invoice is in somebody's quarter; each selection reaches into the others'.
        end = len(moves) if login == users[-1] else (index + 1) * quarter
        own = moves[index * quarter : end]
        selection = sorted({*own, *dice.sample(moves, len(moves) // 2)})
        clicks.append(scene.hosts[index % len(scene.hosts)].start("click", login=login, moves=selection))
    _wait(scene, clicks)
    clicked = time.monotonic()
    while scene.queue(moves) and time.monotonic() < start + _SECONDS:
        senders = [scene.hosts[index % len(scene.hosts)].start("send_now") for index in range(scene.width)]
        _wait(scene, senders)
    sent = time.monotonic()
    scene.settle(moves)
    verdict = chaos_judge.judge(scene.simulator.control("ledger"), scene.sql, moves)
    ledger = scene.simulator.control("ledger")
    files = [file["number"] for deposit in ledger["deposits"] for file in deposit["files"]]
    return {
        "invoices": len(moves),
        "workers": scene.width,
        "clicks": [click.result for click in clicks],
        "files_taken": len(files),
        "different_numbers": len(set(files)),
        "seconds_clicking": round(clicked - start, 1),
        "seconds_sending": round(sent - clicked, 1),
        "lost": len(verdict.lost),
        "doubled": len(verdict.doubled),
        "waiting": len(verdict.waiting),
        "done": verdict.done,
        "passed": verdict.done == len(moves) == len(files) == len(set(files)),
    }


def _wait(scene, workers):
    while any(worker.status is None for worker in workers):
        for host in scene.hosts:
            host.look()
        time.sleep(0.02)
