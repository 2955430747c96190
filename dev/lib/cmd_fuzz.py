"""`dev/fuzz TARGET`: throws made-up input at the code that reads what others wrote.

dev/fuzz answers --runs 1000000 --json docs/fuzz/answers.json

Input comes from known good samples by mutation; what makes the code behave in a way not seen before joins
the samples. A crash is anything but the result or the error that the code promises, the end of the process
included; its input is kept in .dev/fuzz/TARGET/, and the command ends with status 1. The same seed gives the
same inputs.
"""

import argparse
import ast
import importlib
import json
import logging
import platform
import sys
import time
import warnings
from datetime import UTC, datetime
from pathlib import Path

from . import console, paths
from .fuzz import fuzz_run

# Target -> module with SOURCES (the files whose coverage counts, below the root), samples(),
# mutate(random, sample) and execute(case), which returns what kind of behaviour it saw (hashable) and raises
# on a crash.
TARGETS = {"answers": "fuzz_answers", "dataset": "fuzz_dataset", "pdf": "fuzz_pdf", "xml": "fuzz_xml"}


def main(environment, args):
    """Fuzz one target; returns 1 when it crashed."""
    options = _arguments(args)
    sys.path[:0] = [str(paths.ROOT), str(paths.ROOT / "tests" / "unit")]
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    import coverage

    sources = [str(paths.ROOT / name) for name in _sources(options.target)]
    cover = coverage.Coverage(include=sources, data_file=None, config_file=False)
    if not options.no_coverage:
        cover.start()
    target = importlib.import_module(f"lib.fuzz.{TARGETS[options.target]}")
    start = time.monotonic()
    run = fuzz_run.Run(target, options.target, options, None if options.no_coverage else cover)
    run.fuzz()
    seconds = time.monotonic() - start
    if not options.no_coverage:
        cover.stop()
    record = {
        "target": options.target,
        "date": datetime.now(UTC).date().isoformat(),
        "python": platform.python_version(),
        "seed": options.seed,
        "executions": run.done,
        "seconds": round(seconds),
        "crashes": len(run.crashes),
        "behaviours": len(run.seen),
        "coverage": {} if options.no_coverage else _reached(cover),
    }
    for text in run.crashes:
        console.error(text)
    if options.json:
        Path(options.json).parent.mkdir(parents=True, exist_ok=True)
        Path(options.json).write_text(json.dumps(record, indent=1) + "\n")
    print(f"{run.done} executions in {seconds:.0f} s, {len(run.seen)} behaviours, {len(run.crashes)} crashes")
    for name, reached in record["coverage"].items():
        print(f"  {name}: {reached['lines']} of {reached['of']} lines, not {reached['missed']}")
    return 1 if run.crashes else 0


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
    tree = ast.parse((Path(__file__).parent / "fuzz" / f"{TARGETS[target]}.py").read_text())
    return next(
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and node.targets[0].id == "SOURCES"
    )


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
