"""`make fuzz`: odd things at random, round after round, until the time is over."""

import argparse
import os
import re
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from tests.fuzz.profile import VARIABLE

HERE = Path(__file__).parent

MINUTES = 5.0

TIMES = 5.0
"""How many times as much as in the ordinary tests is tried in a round."""

NAME = re.compile(r"^(?P<test>tests/fuzz/\S+):$")
COUNTS = re.compile(r"(\d+) passing, (\d+) failing")
FOUND = 1
"""What pytest ends with where a test has failed."""


def main() -> int:
    args = _arguments()
    began = time.monotonic()
    ends = began + args.minutes * 60
    examples: Counter[str] = Counter()
    seed = args.seed if args.seed is not None else time.time_ns() % 1_000_000
    failed: list[int] = []
    while True:
        say(f"seed {seed}")
        code = _round(seed, args.times, args.tests, examples)
        if code:
            failed.append(seed)
        if code > FOUND or time.monotonic() >= ends or args.once:
            break
        seed += 1
    minutes = (time.monotonic() - began) / 60
    for test, count in sorted(examples.items()):
        say(f"{count:8} {test}")
    say(f"{examples.total()} examples in {minutes:.1f} minutes")
    for seed in failed:
        again = _again(seed, args.times, args.tests)
        say(f"Something was found. Once more: make fuzz ARGS='{again}'")
    return 1 if failed else 0


def _again(seed: int, times: float, tests: list[str]) -> str:
    """The arguments with which the same is tried."""
    of_its_own = [] if times == TIMES else [f"--times {times:g}"]
    return " ".join([f"--once --seed {seed}", *of_its_own, *(t for t in tests if t != str(HERE))])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=MINUTES, help=f"how long ({MINUTES:g})")
    parser.add_argument("--seed", type=int, help="of the first round; any, if it is left out")
    parser.add_argument("--once", action="store_true", help="only one round")
    parser.add_argument(
        "--times", type=float, default=TIMES, help=f"as much in a round as in a test ({TIMES:g})"
    )
    parser.add_argument("tests", nargs="*", default=[str(HERE)], help="only these files")
    return parser.parse_args()


def _round(seed: int, times: float, tests: list[str], examples: Counter[str]) -> int:
    """Try everything once, and say what came of it; pytest's exit code."""
    command = [sys.executable, "-m", "pytest", "-q", "--hypothesis-show-statistics"]
    command += [f"--hypothesis-seed={seed}", *tests]
    environ = {**os.environ, VARIABLE: str(times)}
    done = subprocess.run(command, env=environ, stdout=subprocess.PIPE, text=True, check=False)
    test = ""
    for line in done.stdout.splitlines():
        if name := NAME.match(line):
            test = name["test"]
        elif counts := COUNTS.search(line):
            examples[test] += int(counts[1]) + int(counts[2])
    if done.returncode:
        say(done.stdout)
    return done.returncode


def say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
