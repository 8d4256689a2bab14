"""The state directory of a kiosk, on a disk that can be filled, and torn by a power cut."""

import os
import resource
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from kiosk.store.files import FILE_NAME
from tests.store.kit import MEMORY

SIZE = 48 * 1024 * 1024
"""Bytes of the small disk."""

CRAMPED = 16
"""Bytes up to which files may still be written where the system is to refuse more."""


class Disk:
    """A small file system in memory, if this user may make one; else any folder in memory.

    Without a file system of its own, a full disk is one on which the system lets no file grow.
    """

    def __init__(self) -> None:
        self._stack = ExitStack()
        self.root = Path(self._stack.enter_context(tempfile.TemporaryDirectory(dir=MEMORY)))
        self.own = self._mount()
        self.is_full = False
        self._limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        self.state = self.root / "state"
        self.state.mkdir()

    def _mount(self) -> bool:
        if os.geteuid() != 0 or shutil.which("mount") is None:
            return False
        command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "soak", str(self.root)]
        if subprocess.run(command, capture_output=True, check=False).returncode:
            return False
        self._stack.callback(subprocess.run, ["umount", "--lazy", str(self.root)], check=True)
        return True

    def fill(self) -> None:
        """Let nothing more be written."""
        self.is_full = True
        if not self.own:
            resource.setrlimit(resource.RLIMIT_FSIZE, (CRAMPED, self._limits[1]))
            return
        with (self.root / "ballast").open("wb", buffering=0) as ballast:
            for piece in (1 << 20, 1 << 12, 1):
                try:
                    while True:
                        ballast.write(bytes(piece))
                except OSError:
                    continue

    def free(self) -> None:
        """Make room again."""
        self.is_full = False
        if self.own:
            (self.root / "ballast").unlink(missing_ok=True)
        else:
            resource.setrlimit(resource.RLIMIT_FSIZE, self._limits)

    def data_files(self) -> dict[str, bytes]:
        """The database's files by their names, as a power cut would leave them now."""
        return {path.name: path.read_bytes() for path in self.state.glob(f"{FILE_NAME}*")}

    @contextmanager
    def as_it_is(self) -> Iterator[None]:
        """Undo at the end whatever was changed of the database's files."""
        files = self.data_files()
        yield
        after = self.data_files()
        for name in files.keys() | after.keys():
            if name not in files:
                (self.state / name).unlink()
            elif files[name] != after.get(name):
                (self.state / name).write_bytes(files[name])

    def tear(self) -> None:
        """Leave what a power cut in the middle of a change leaves: half of it is written, and the
        journal lies beside it.
        """
        with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
            copy = Path(folder) / FILE_NAME
            shutil.copyfile(self.data, copy)
            with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
                connection.execute("PRAGMA cache_size = 1")
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("UPDATE session SET program = 'torn ' || program")
                connection.execute("UPDATE audit SET subject = subject || hex(zeroblob(500))")
                for path in Path(folder).iterdir():
                    shutil.copyfile(path, self.state / path.name)

    @property
    def data(self) -> Path:
        return self.state / FILE_NAME

    def close(self) -> None:
        self.free()
        self._stack.close()
