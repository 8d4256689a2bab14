"""Measure everything, or see in a minute that the ratios hold: `python -m tests.bench`."""

import argparse
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from tests.bench import costs, growth, live, sound
from tests.bench.figures import Figures, Row, Section, Target, table, write

DOCS = Path(__file__).parents[2] / "docs"

MEASURES: dict[str, Callable[[], Section]] = {
    "cadence": sound.counts,
    "peers": sound.peers,
    "press": sound.button,
    "live": live.measure,
    "idle": costs.idle,
    "rendering": costs.making,
    "start": costs.start,
    "growth": growth.measure,
}

BESIDE = ("cadence", "idle")
"""What takes minutes and next to nothing of the machine; the rest is measured meanwhile."""

ALONE = ("live", "rendering", "start", "growth")
"""What takes all of it, and comes last."""

QUICK_PEERS = ("espeak_on_deadline", "aplay_on_deadline")
"""The best two of the other ways to count."""

BETTER = 0.2
"""How much of the best peer's worst error the kiosk's may be."""

LISTENS_FOR = 55.0
"""Seconds of the session, with the first repetitions in it."""

QUICK_METHOD = """\
The worst error of a count in the first minute of a session, as a share of that of the best other
way to count, which runs beside it; and the power of the size that some times grow with."""


def main() -> int:
    """1 where a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="only the ratios, in a minute")
    parser.add_argument(
        "--only", choices=MEASURES, nargs="+", help="these alone; no page is written"
    )
    args = parser.parse_args()
    if args.quick:
        return _print([measure_ratios()])
    # A kiosk has its machine to itself; here others may be at work.
    with suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, -5)
    begun = time.monotonic()
    sections = measure_all(args.only or tuple(MEASURES))
    missed = _print(sections)
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


def measure_ratios() -> Section:
    """Does the kiosk keep time better than what else there is, and grow no faster? In a minute.

    Only ratios of what is measured side by side count here, so that a slow or busy machine does
    not. Once more, where a ratio is missed: something else may have had the machine.
    """
    section = _ratios()
    return section if all(row.kept for row in section.rows) else _ratios()


def _ratios() -> Section:
    with ThreadPoolExecutor(1) as other:
        session = other.submit(sound.counts, LISTENS_FOR)
        peers = sound.peers(QUICK_PEERS, with_pauses=False)
        plots = (growth.history((1 / 12, 1)), growth.exercises((30, 100, 300)))
        counts = session.result().rows[0]
    best = min(row.figures.worst for row in peers.rows if row.what.endswith("error"))
    share = Figures([counts.figures.worst / best], "of the best peer's")
    rows = [Row("a count's worst error", share, Target("worst", BETTER))]
    for plot in plots:
        for name, points in plot.lines.items():
            law = Figures([growth.growth(points)], "th power")
            rows.append(Row(f"{name}: grows with", law, Target("worst", growth.MOST)))
    return Section("Ratios", QUICK_METHOD, rows)


def _print(sections: list[Section]) -> int:
    for section in sections:
        sys.stdout.write(f"\n{section.title}\n\n{table(section.rows)}\n")
    missed = [row.what for section in sections for row in section.rows if row.kept is False]
    if missed:
        sys.stdout.write("\nNot kept: " + "; ".join(missed) + "\n")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
