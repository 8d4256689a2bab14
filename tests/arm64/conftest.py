"""These tests need root, and many minutes: `make arm64-test` alone runs them.

A machine that is no 64-bit ARM runs the programs of one: its kernel hands them to qemu. Beside the
kiosk, the system gets the kiosk's own tests and what they need, pinned.
"""

import os
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from packaging.markers import Marker

from tests.appliance import roots
from tests.appliance.conftest import INSTALL, drop_in, room
from tests.appliance.machine import Machine, booted
from tests.processes import output_of

__all__ = ["room"]

ARCHITECTURE = "arm64"

RULE = Path("/usr/lib/binfmt.d/qemu-aarch64.conf")
"""Which programs qemu is for, as its package tells the kernel."""

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

EMULATED = """\
[Service]
PrivateIPC=no
PrivateUsers=no
"""
"""What qemu cannot do for systemd; a Raspberry Pi's own kernel can."""

collect_ignore_glob = []
if "KIOSK_ARM64" not in os.environ:
    collect_ignore_glob += ["test_*.py"]
elif roots.SUITE not in LGPIO:
    collect_ignore_glob += ["test_pins.py"]


@pytest.fixture(scope="session")
def machine(room) -> Iterator[Machine]:
    """A 64-bit ARM without a kiosk; a release, its packages and the tests lie ready in it."""
    with (
        emulated(),
        roots.mounted(roots.copy_of(roots.base_card(ARCHITECTURE), room / "arm64")) as root,
    ):
        roots.unpack_release(root / "srv/release")
        output_of("cp", "-r", roots.wheels(ARCHITECTURE), root / "srv/wheels")
        provide_tests(root / "srv/tests", root / "srv/lgpio")
        drop_in(root, "emulated", EMULATED)
        with booted(root) as started:
            yield started


@pytest.fixture(scope="session")
def output(machine: Machine) -> str:
    """The output of the installer."""
    return machine.run(*INSTALL)


@pytest.fixture(scope="session")
def kiosk(machine: Machine, output: str) -> Machine:
    """The same machine, with a kiosk."""
    assert output
    return machine


@contextmanager
def emulated() -> Iterator[None]:
    """Meanwhile, this machine runs programs for 64-bit ARM, in every folder and container."""
    if output_of("dpkg", "--print-architecture").strip() == ARCHITECTURE:
        yield
        return
    with TemporaryDirectory() as folder:
        output_of("mount", "-t", "binfmt_misc", "none", folder)
        try:
            with registered(Path(folder)):
                yield
        finally:
            output_of("umount", folder)


@contextmanager
def registered(rules: Path) -> Iterator[None]:
    """Meanwhile, the kernel has the rule, under a name that nobody else takes away."""
    name = f"kiosk-{os.getpid()}"
    _, _, rest = RULE.read_text().removeprefix(":").partition(":")
    (rules / "register").write_text(f":{name}:{rest}")
    try:
        yield
    finally:
        (rules / name).write_text("-1")


def provide_tests(tests: Path, lgpio: Path) -> None:
    """Two folders: the tests with their wheels in `wheels`, and the wheel of the pins' library."""
    tests.mkdir()
    for part in PARTS:
        source = roots.CHECKOUT / part
        if source.is_dir():
            shutil.copytree(source, tests / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, tests / part)
    development = (roots.CHECKOUT / "requirements/dev.txt").read_text()
    output_of("cp", "-r", wheels(pinned(development, FOR_TESTS)), tests / "wheels")
    if roots.SUITE in LGPIO:
        output_of("cp", "-r", wheels([LGPIO[roots.SUITE]]), lgpio)


def wheels(requirements: Iterable[str]) -> Path:
    """A folder with the wheels of those requirements, which stand in its `wanted.txt`."""
    text = "\n".join(requirements)
    folder = roots.CACHE / f"wheels-{roots.system(ARCHITECTURE)}-{roots.short_hash(text)}"
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
