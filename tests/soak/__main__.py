"""`make soak`: a year with the kiosk, or as much of it as there is time for."""

import argparse
import sys
import time
from pathlib import Path

from tests.soak.year import Year

CLIPS = Path(".cache/soak")
"""Where rendered speech is kept from one run to the next."""


def main() -> int:
    args = _arguments()
    seed = args.seed if args.seed is not None else time.time_ns() % 1_000_000
    say(f"seed {seed}")
    began = time.monotonic()
    year = Year(args.clips.absolute(), seed, one_life=args.one_life, log=say)
    try:
        while year.day < args.days and not (args.minutes and _minutes(began) > args.minutes):
            year.run(1)
        for line in year.judge():
            say(line)
    except BaseException:
        for line in year.soak.observer.events:
            say(line)
        say(f"Failed on day {year.day} of seed {seed}, after {_minutes(began):.1f} minutes.")
        more = " --one-life" if args.one_life else ""
        say(f"Once more: make soak ARGS='--seed {seed} --days {year.day + 1}{more}'")
        raise
    finally:
        year.soak.tear_down()
    for name, count in sorted(year.soak.observer.counts.items()):
        say(f"{count:6} {name}")
    say(
        f"{year.day} days with {year.soak.starts} starts in {_minutes(began):.1f} minutes: all well"
    )
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--days", type=int, default=365, help="how many days (365)")
    parser.add_argument("--seed", type=int, help="what happens on them; any, if it is left out")
    parser.add_argument("--minutes", type=float, help="stop after so many minutes")
    parser.add_argument("--one-life", action="store_true", help="nothing restarts the kiosk")
    parser.add_argument("--clips", type=Path, default=CLIPS, help=f"cache of speech ({CLIPS})")
    return parser.parse_args()


def _minutes(began: float) -> float:
    return (time.monotonic() - began) / 60


def say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
