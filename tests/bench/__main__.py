"""Measure everything, or see in a minute that the ratios hold: `python -m tests.bench`."""

import argparse
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from tests.bench import beside, cadence, growth, idle, live, press, quick, rendering, starting
from tests.bench.figures import Section
from tests.bench.report import table, write

DOCS = Path(__file__).parents[2] / "docs"

MEASURES: dict[str, Callable[[], Section]] = {
    "cadence": cadence.measure,
    "peers": beside.measure,
    "press": press.measure,
    "live": live.measure,
    "idle": idle.measure,
    "rendering": rendering.measure,
    "start": starting.measure,
    "growth": growth.measure,
}

BESIDE = ("cadence", "idle")
"""What takes minutes and next to nothing of the machine; the rest is measured meanwhile."""

ALONE = ("live", "rendering", "start", "growth")
"""What takes all of it, and comes last."""


def main() -> int:
    """1 where a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="only the ratios, in a minute")
    parser.add_argument(
        "--only", choices=MEASURES, nargs="+", help="these alone; no page is written"
    )
    args = parser.parse_args()
    if args.quick:
        return _tell([quick.measure()])
    # A kiosk has its machine to itself; here others may be at work.
    with suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, -5)
    begun = time.monotonic()
    sections = measure_all(args.only or tuple(MEASURES))
    missed = _tell(sections)
    if not args.only:
        write(sections, DOCS)
        sys.stdout.write(
            f"\nWritten to docs/reference/benchmarks.md; {time.monotonic() - begun:.0f} s.\n"
        )
    return missed


def measure_all(names: tuple[str, ...]) -> list[Section]:
    """Those measurements, in the order of `MEASURES`."""
    found: dict[str, Section] = {}
    with ThreadPoolExecutor(len(BESIDE)) as others:
        beside_it: dict[str, Future[Section]] = {
            name: others.submit(_measure, name) for name in BESIDE if name in names
        }
        for name in (name for name in names if name not in (*BESIDE, *ALONE)):
            found[name] = _measure(name)
        found |= {name: future.result() for name, future in beside_it.items()}
    for name in (name for name in ALONE if name in names):
        found[name] = _measure(name)
    return [found[name] for name in MEASURES if name in names]


def _measure(name: str) -> Section:
    """Once more, where the recording was too broken to find anything in: all else would be lost."""
    sys.stderr.write(f"measuring: {name}\n")
    try:
        return MEASURES[name]()
    except AssertionError as error:
        sys.stderr.write(f"measuring once more: {name}. {error}\n")
        return MEASURES[name]()


def _tell(sections: list[Section]) -> int:
    for section in sections:
        sys.stdout.write(f"\n{section.title}\n\n{table(section.rows)}\n")
    missed = [row.what for section in sections for row in section.rows if row.kept is False]
    if missed:
        sys.stdout.write("\nNot kept: " + "; ".join(missed) + "\n")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
