"""Looks whether everything the kiosk needs can be had on a Raspberry Pi, and under which licence.

usage: python tools/audit_dependencies.py [--offline] [--write]

For each Python that Raspberry Pi OS has had since Bookworm, every pinned requirement must have a
wheel for 64-bit ARM, or be one that Debian packages: nobody compiles on a small board. pip finds
that out from the index that it is set up with; `--offline` leaves it out. Then the table of
licences is compared with what the installed packages say of themselves; `--write` brings it up to
date.
"""
# ruff: noqa: INP001 - a script

import argparse
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from email.message import Message
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

ROOT = Path(__file__).parents[1]
REQUIREMENTS = ROOT / "requirements" / "runtime.txt"
PAGE = ROOT / "docs" / "reference" / "licences.md"

PYTHONS = ("3.11", "3.13")
"""Of Raspberry Pi OS Bookworm and Trixie."""

OLDEST_GLIBC, GLIBC = 17, 36
"""Minor versions of the oldest that wheels are made for, and of Bookworm's."""

FROM_DEBIAN = {"lgpio": "python3-lgpio"}
"""What comes from the system, with or without a wheel, and the package it is in."""

BEGIN, END = "<!-- table of the Python packages -->", "<!-- end of the table -->"

CLASSIFIERS = {
    "MIT License": "MIT",
    "BSD License": "BSD",
    "Zope Public License": "ZPL-2.1",
}
"""How licences are called that stand only among a package's classifiers."""

LONGEST_NAME = 30
"""Characters; what is longer is the text of a licence, not its name."""

AskPip = Callable[[Sequence[str], str], str]
"""Whether pip finds wheels for requirements and a Python: what it says against it, or nothing."""


def requirements(text: str) -> dict[str, str]:
    """Each requirement of a requirements file, with its hashes, by its name."""
    joined = re.sub(r" *\\\n *", " ", text)
    lines = [line for line in joined.splitlines() if line and not line.startswith("#")]
    return {line.partition("==")[0]: line for line in lines}


def ask_pip(wanted: Sequence[str], python: str) -> str:
    """As `AskPip`; nothing is installed."""
    platforms = [f"manylinux_2_{minor}_aarch64" for minor in range(OLDEST_GLIBC, GLIBC + 1)]
    with TemporaryDirectory() as folder:
        file = Path(folder) / "requirements.txt"
        file.write_text("\n".join(wanted), encoding="utf-8")
        command = [
            *(sys.executable, "-m", "pip", "--quiet", "--no-input", "--disable-pip-version-check"),
            *("install", "--dry-run", "--ignore-installed", "--no-deps", "--require-hashes"),
            *("--only-binary", ":all:", "--implementation", "cp", "--python-version", python),
            *("--target", folder, "--platform", "manylinux2014_aarch64"),
            *(word for platform in platforms for word in ("--platform", platform)),
            *("--requirement", str(file)),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode == 0:
        return ""
    errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
    return errors[-1] if errors else f"ERROR: pip ended with {done.returncode}"


def not_to_be_had(wanted: dict[str, str], ask: AskPip = ask_pip) -> list[str]:
    """A sentence for each requirement that a Raspberry Pi would have to compile."""
    needed = {name: line for name, line in wanted.items() if name not in FROM_DEBIAN}
    sentences = []
    for python in PYTHONS:
        if not ask(list(needed.values()), python):
            continue
        told = {name: ask([line], python) for name, line in needed.items()}
        sentences += [
            f"{name} has no wheel for 64-bit ARM and Python {python}, and is not taken from Debian"
            f" ({error})."
            for name, error in told.items()
            if error
        ]
    return sentences


def licence_of(about: Message) -> str:
    """The licence that a package's metadata names; empty where it names none."""
    named = about.get("License-Expression") or about.get("License") or ""
    if named and len(named) <= LONGEST_NAME and "\n" not in named:
        return named.replace("ZPL 2.1", "ZPL-2.1")
    last = [one.rpartition(" :: ")[2] for one in about.get_all("Classifier") or []]
    return " and ".join(CLASSIFIERS[one] for one in last if one in CLASSIFIERS)


def is_pure(distribution: metadata.Distribution) -> bool:
    """Whether one wheel of it is for every machine."""
    return "Root-Is-Purelib: true" in (distribution.read_text("WHEEL") or "")


def table(names: Iterable[str]) -> list[str]:
    """The table of licences, as it stands on the page."""
    rows = ["| package | licence | wheel |", "|---|---|---|"]
    for name in names:
        found = metadata.distribution(name)
        about = cast("Message", found.metadata)
        kind = "for every machine" if is_pure(found) else "for each Python and processor"
        rows.append(f"| {name} | {licence_of(about) or '**unknown**'} | {kind} |")
    return rows


def with_table(page: str, rows: Iterable[str]) -> str:
    """The page with that table in it."""
    head, _, rest = page.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return "\n".join([f"{head}{BEGIN}", "", *rows, "", f"{END}{tail}"])


def main(arguments: Sequence[str], ask: AskPip = ask_pip) -> int:
    """Audit; the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--offline", action="store_true", help="do not ask the package index")
    parser.add_argument("--write", action="store_true", help="bring the table up to date")
    options = parser.parse_args(arguments)
    wanted = requirements(REQUIREMENTS.read_text(encoding="utf-8"))
    wrong = [] if options.offline else not_to_be_had(wanted, ask)
    page = PAGE.read_text(encoding="utf-8")
    rows = table(wanted)
    wrong += [f"No licence is known of {row.split()[1]}." for row in rows if "unknown" in row]
    if with_table(page, rows) != page:
        if options.write:
            PAGE.write_text(with_table(page, rows), encoding="utf-8")
        else:
            wrong.append(f"{PAGE.name} is not up to date: make audit ARGS=--write")
    for sentence in wrong:
        sys.stderr.write(f"{sentence}\n")
    if not wrong:
        sys.stdout.write(f"All {len(wanted)} packages can be had: {', '.join(PYTHONS)}.\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
