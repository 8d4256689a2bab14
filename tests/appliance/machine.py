"""A whole system that is started for real, with systemd as its first process."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.processes import run

PATIENCE = 90.0
"""Seconds that anything may take at most; nothing waits for it to pass."""

LOOKS_EVERY = 0.1

ALL = Path("/sys/fs/cgroup")

IS_OLD = (ALL / "memory").is_dir()
"""Whether memory has a tree of its own, as the kernel had it first."""

TREE = ALL / "unified" if IS_OLD else ALL

HEALTH = "http://127.0.0.1:8080/healthz"
ASK = f"""\
import urllib.request
print(urllib.request.urlopen({HEALTH!r}, timeout=5).read().decode())
"""


class Machine:
    """A system that runs, and what a person at its keyboard could do with it."""

    def __init__(self, root: Path, leader: int) -> None:
        """`leader`: the system's first process, as this machine counts."""
        self.root = root
        self.leader = leader

    def attempt(self, *command: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run a command there as root; output and errors together, as a terminal shows them."""
        inside = ("nsenter", "--target", str(self.leader), "--all", "env", "-i")
        words = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"} | environ
        return subprocess.run(
            [*inside, *(f"{name}={value}" for name, value in words.items()), *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    def run(self, *command: str, **environ: str) -> str:
        """The output of a command, which has to succeed."""
        done = self.attempt(*command, **environ)
        assert done.returncode == 0, f"{' '.join(command)}:\n{done.stdout}\n{self.log()}"
        return done.stdout

    def run_failing(self, *command: str, **environ: str) -> str:
        """The output of a command, which has to end with exit code 1."""
        done = self.attempt(*command, **environ)
        assert done.returncode == 1, f"{' '.join(command)}:\n{done.stdout}"
        return done.stdout

    def restart(self) -> None:
        """Start the kiosk anew, by its units as they are now."""
        self.run("systemctl", "daemon-reload")
        self.run("systemctl", "restart", "kiosk")
        self.until(self.is_well)

    def property(self, name: str, unit: str = "kiosk.service") -> str:
        return self.run("systemctl", "show", "--value", f"--property={name}", unit).strip()

    def main_process(self) -> int:
        """The kiosk's, as the system counts; 0 where there is none."""
        return int(self.property("MainPID"))

    def log(self) -> str:
        """The journal of the kiosk's unit."""
        return self.attempt(
            "journalctl", "--output=cat", "--no-pager", "--unit=kiosk.service"
        ).stdout

    def health(self) -> dict[str, object] | None:
        """What the pages say of the kiosk; `None` while they do not answer."""
        network = ("nsenter", "--target", self.leader, "--net")
        done = run(*network, sys.executable, "-I", "-c", ASK)
        return json.loads(done.stdout) if done.returncode == 0 else None

    def is_well(self) -> bool:
        return self.property("ActiveState") == "active" and self.health() is not None

    def until(self, condition: Callable[[], bool], *, within: float = PATIENCE) -> float:
        """Wait until `condition()` is true; how many seconds that took."""
        begun = time.monotonic()
        while not condition():
            waited = time.monotonic() - begun
            assert waited < within, f"still not, after {waited:.1f} s:\n{self.log()}"
            time.sleep(LOOKS_EVERY)
        return time.monotonic() - begun

    def until_it_says(self, text: str) -> None:
        self.until(lambda: text in self.log())

    def at(self, path: str) -> Path:
        """Where the system's `path` is on this machine."""
        return self.root / path.lstrip("/")

    def write(self, path: str, text: str) -> None:
        """A file of root's that everybody may read; folders are made."""
        self.at(path).parent.mkdir(parents=True, exist_ok=True)
        self.at(path).write_text(text)
        self.at(path).chmod(0o644)

    def read(self, path: str) -> str:
        return self.at(path).read_text()

    def has(self, path: str) -> bool:
        return self.at(path).exists()

    def link(self, path: str) -> str:
        return str(self.at(path).readlink())

    def bytes_written(self) -> int:
        """By the kiosk's process so far, to files that lie on the card."""
        text = self.run("cat", f"/proc/{self.main_process()}/io")
        return int(text.partition("\nwrite_bytes: ")[2].split()[0])

    def press(self, line: str = "") -> None:
        """A finger on the simulated button."""
        self.run("sh", "-c", f"echo '{line}' >/run/kiosk/presses")


@contextmanager
def booted(root: Path, limits: Path | None = None) -> Iterator[Machine]:
    """Start the system in that folder; its power is cut at the end.

    `limits`: a control group, which all of the system is put into.
    """
    with (
        group(TREE / f"kiosk-{os.getpid()}") as own,
        started(root, own, limits or own) as container,
    ):
        try:
            machine = Machine(root, first_process(container))
            machine.until(lambda: is_up(machine))
            yield machine
        finally:
            cut_power(container)


def started(root: Path, *groups: Path) -> subprocess.Popen[str]:
    """The container, in those control groups; two in the same would end each other's services."""
    options = ["--quiet", "--boot", "--register=no", "--keep-unit", "--private-network"]
    options += ["--resolv-conf=off", "--timezone=off", "--link-journal=no", "--console=pipe"]
    options += ["--machine=kiosk", "--hostname=kiosk", f"--directory={root}"]
    enter = "".join(f"echo $$ >{one}/cgroup.procs; " for one in groups)
    return subprocess.Popen(
        ["sh", "-euc", f'{enter} exec systemd-nspawn "$@"', "-", *options],
        # Control groups as a Raspberry Pi has them, whatever this machine's are.
        env={**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def first_process(container: subprocess.Popen[str]) -> int:
    children = Path(f"/proc/{container.pid}/task/{container.pid}/children")
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = children.read_text().split() if container.poll() is None else []
        # Before it has become systemd it is not in its own rooms yet.
        if found and Path(f"/proc/{found[0]}/comm").read_text() == "systemd\n":
            return int(found[0])
        if container.poll() is not None:
            break
        time.sleep(LOOKS_EVERY)
    container.kill()
    raise AssertionError(f"The container did not start:\n{container.communicate()[0]}")


def is_up(machine: Machine) -> bool:
    return machine.attempt("systemctl", "is-system-running").stdout.strip() in {
        "running",
        "degraded",
    }


def cut_power(container: subprocess.Popen[str]) -> None:
    children = Path(f"/proc/{container.pid}/task/{container.pid}/children")
    if container.poll() is None:
        for child in children.read_text().split():
            subprocess.run(["kill", f"-{signal.SIGKILL.value}", child], check=False)
    container.wait(timeout=PATIENCE)
    if container.stdout is not None:
        container.stdout.close()


# --- control groups: what the processes of one system may have -----------------------------------


@contextmanager
def group(folder: Path) -> Iterator[Path]:
    """A new one, gone with all in it when the context is left."""
    folder.mkdir()
    try:
        yield folder
    finally:
        for inner in sorted(folder.glob("**/"), reverse=True):
            inner.rmdir()


@dataclass(frozen=True)
class Limits:
    """A group that may have so much memory, and no more."""

    folder: Path

    def limit(self, size: int) -> None:
        name = "memory.limit_in_bytes" if IS_OLD else "memory.max"
        (self.folder / name).write_text(str(size))

    def processes_killed(self) -> int:
        """How many were ended because there was no memory left."""
        text = (self.folder / ("memory.oom_control" if IS_OLD else "memory.events")).read_text()
        found = re.search(r"^oom_kill (\d+)$", text, re.MULTILINE)
        assert found is not None
        return int(found[1])

    def most_used(self) -> int:
        """Bytes, with those of files."""
        name = "memory.max_usage_in_bytes" if IS_OLD else "memory.peak"
        return int((self.folder / name).read_text())


@contextmanager
def limits_of(megabytes: int) -> Iterator[Limits]:
    with group((ALL / "memory" if IS_OLD else ALL) / "kiosk-limits") as folder:
        limits = Limits(folder)
        limits.limit(megabytes << 20)
        yield limits
