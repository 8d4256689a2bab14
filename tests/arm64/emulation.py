"""How a machine that is no 64-bit ARM runs the programs of one: its kernel hands them to qemu."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.appliance.roots import run

ARCHITECTURE = "arm64"

RULE = Path("/usr/lib/binfmt.d/qemu-aarch64.conf")
"""Which programs qemu is for, as its package tells the kernel."""


@contextmanager
def emulated() -> Iterator[None]:
    """Meanwhile, this machine runs programs for 64-bit ARM, in every folder and container."""
    if run("dpkg", "--print-architecture").strip() == ARCHITECTURE:
        yield
        return
    with TemporaryDirectory() as folder:
        run("mount", "-t", "binfmt_misc", "none", folder)
        try:
            with registered(Path(folder)):
                yield
        finally:
            run("umount", folder)


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
