"""What these tests take beside the kiosk: its own tests, and what they need, pinned."""

import hashlib
import re
import shutil
from collections.abc import Iterable
from pathlib import Path

from packaging.markers import Marker

from tests.appliance import roots
from tests.arm64.emulation import ARCHITECTURE

FOR_TESTS = (
    *("pytest", "hypothesis", "pluggy", "iniconfig", "packaging", "pygments", "sortedcontainers"),
    *("jsonschema", "jsonschema-specifications", "referencing", "rpds-py", "attrs"),
    *("typing-extensions", "numpy"),
)
"""Of the development requirements, those that the unit tests import."""

LGPIO = {
    "bookworm": "lgpio==0.2.2.0"
    " --hash=sha256:a2f71fb95b149d8ac82c7c6bae70f054f6dc42a006ad35c90c7d8e54921fbcf4",
}
"""There is a wheel for the older Python only. Raspberry Pi OS has a package of it, Debian none."""

PARTS = ("tests", "docs", "programs", "pyproject.toml")
"""Of the checkout, what unit tests read. Not the kiosk: they try the one that was installed."""


def provide(tests: Path, lgpio: Path) -> None:
    """Two folders: the tests with their wheels in `wheels`, and the wheel of the pins' library."""
    tests.mkdir()
    for part in PARTS:
        source = roots.CHECKOUT / part
        if source.is_dir():
            shutil.copytree(source, tests / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, tests / part)
    development = (roots.CHECKOUT / "requirements/dev.txt").read_text()
    roots.run("cp", "-r", wheels(pinned(development, FOR_TESTS)), tests / "wheels")
    if roots.SUITE in LGPIO:
        roots.run("cp", "-r", wheels([LGPIO[roots.SUITE]]), lgpio)


def wheels(requirements: Iterable[str]) -> Path:
    """A folder with the wheels of those requirements, which stand in its `wanted.txt`."""
    text = "\n".join(requirements)
    known = hashlib.sha256(text.encode()).hexdigest()[:12]
    folder = roots.CACHE / f"wheels-{roots.system(ARCHITECTURE)}-{known}"
    if not folder.exists():
        begun = folder.with_suffix(".new")
        begun.mkdir(parents=True, exist_ok=True)
        wanted = begun / "wanted.txt"
        wanted.write_text(text)
        roots.download([wanted], begun, ARCHITECTURE)
        begun.rename(folder)
    return folder


def pinned(requirements: str, names: Iterable[str]) -> list[str]:
    """The lines of a requirements file for those packages, on that system; `Name==1 --hash=…`."""
    wanted = set(names)
    python = roots.PYTHONS[roots.SUITE]
    there = {"python_version": python, "python_full_version": f"{python}.0"}
    found = []
    for line in re.sub(r" *\\\n *", " ", requirements).splitlines():
        what, _, hashes = line.partition(" --hash=")
        package, _, marker = what.partition(";")
        # pip would ask this machine's Python what the marker is about.
        if package.partition("==")[0] in wanted and Marker(marker).evaluate(there):
            found.append(f"{package.strip()} --hash={hashes}")
    return found
