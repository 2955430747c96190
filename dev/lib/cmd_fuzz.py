"""`dev/fuzz TARGET`: throws made-up input at the code that reads what others wrote.

dev/fuzz answers --runs 1000000 --json docs/fuzz/answers.json

Input comes from known good samples by mutation; what makes the code behave in a way not seen before joins
the samples. A crash is anything but the result or the error that the code promises; its input is kept in
.dev/fuzz/TARGET/, and the command ends with status 1. The same seed gives the same inputs.
"""

import argparse
import ast
import importlib
import json
import logging
import platform
import random
import sys
import time
import traceback
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from . import console, paths

# Target -> module with SOURCES (the files whose coverage counts, below the root), samples(),
# mutate(random, sample) and execute(case), which returns what kind of behaviour it saw (hashable) and raises
# on a crash.
TARGETS = {"answers": "fuzz_answers", "dataset": "fuzz_dataset", "pdf": "fuzz_pdf", "xml": "fuzz_xml"}
_MAX_SAMPLES = 5000
_MAX_CRASHES = 20


def main(environment, args):
    """Fuzz one target; returns 1 when it crashed."""
    options = _arguments(args)
    sys.path[:0] = [str(paths.ROOT), str(paths.ROOT / "tests" / "unit")]
    logging.disable(logging.CRITICAL)
    import coverage

    sources = [str(paths.ROOT / name) for name in _sources(options.target)]
    cover = coverage.Coverage(include=sources, data_file=None, config_file=False)
    if not options.no_coverage:
        cover.start()
    target = importlib.import_module(f"lib.{TARGETS[options.target]}")
    start = time.monotonic()
    crashes, behaviours, done = _fuzz(target, options)
    seconds = time.monotonic() - start
    if not options.no_coverage:
        cover.stop()
    record = {
        "target": options.target,
        "date": datetime.now(UTC).date().isoformat(),
        "python": platform.python_version(),
        "seed": options.seed,
        "executions": done,
        "seconds": round(seconds),
        "crashes": len(crashes),
        "behaviours": behaviours,
        "coverage": {} if options.no_coverage else _reached(cover),
    }
    for text in crashes:
        console.error(text)
    if options.json:
        Path(options.json).parent.mkdir(parents=True, exist_ok=True)
        Path(options.json).write_text(json.dumps(record, indent=1) + "\n")
    print(f"{done} executions in {seconds:.0f} s, {behaviours} behaviours, {len(crashes)} crashes")
    for name, reached in record["coverage"].items():
        print(f"  {name}: {reached['lines']} of {reached['of']} lines, not {reached['missed']}")
    return 1 if crashes else 0


def _arguments(args):
    parser = argparse.ArgumentParser(
        "dev/fuzz", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--runs", type=int, default=100_000, help="executions (default: %(default)s)")
    parser.add_argument("--seconds", type=float, help="stop after so long, even with runs left")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", metavar="FILE", help="write the record there")
    parser.add_argument("--no-coverage", action="store_true", help="run faster, measure nothing")
    return parser.parse_args(args)


def _sources(target):
    """The target's SOURCES, read without importing it: what is imported before measuring counts as missed."""
    tree = ast.parse((Path(__file__).parent / f"{TARGETS[target]}.py").read_text())
    return next(
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and node.targets[0].id == "SOURCES"
    )


def _fuzz(target, options):
    rng = random.Random(options.seed)
    samples = list(target.samples())
    seen, crashes = set(), []
    end = time.monotonic() + options.seconds if options.seconds else float("inf")
    for done in range(1, options.runs + 1):
        # First each sample as it is, then mutations.
        case = samples[done - 1] if done <= len(samples) else target.mutate(rng, rng.choice(samples))
        try:
            behaviour = target.execute(case)
        except console.Stop:  # a signal, not a crash
            raise
        except Exception:
            crashes.append(_keep(options.target, case))
            if len(crashes) >= _MAX_CRASHES:
                break
        else:
            if behaviour not in seen:
                seen.add(behaviour)
                if done > len(samples) and len(samples) < _MAX_SAMPLES:
                    samples.append(case)
        if done % 50_000 == 0:
            console.say(f"{done} executions, {len(seen)} behaviours, {len(crashes)} crashes")
        if time.monotonic() > end:
            break
    return crashes, len(seen), done


def _keep(target, case):
    folder = paths.ROOT / ".dev" / "fuzz" / target
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"crash-{sha256(repr(case).encode()).hexdigest()[:12]}.txt"
    path.write_text(f"{case!r}\n\n{traceback.format_exc()}")
    return f"crash kept in {path.relative_to(paths.ROOT)}: {traceback.format_exc().splitlines()[-1]}"


def _reached(cover):
    reached = {}
    for path in sorted(cover.get_data().measured_files()):
        _name, statements, _excluded, missing, _text = cover.analysis2(path)
        reached[str(Path(path).relative_to(paths.ROOT))] = {
            "lines": len(statements) - len(missing),
            "of": len(statements),
            "missed": missing,
        }
    return reached
