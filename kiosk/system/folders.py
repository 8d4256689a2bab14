"""Files that are whole on the disk, and the folders of the kiosk."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from kiosk.errors import Problem, SettingsError


def write_whole(path: Path, content: bytes, mode: int = 0o666) -> None:
    """Have `content` in the file `path`, whole or not at all, whenever the power goes; `mode` are
    its rights, less what the process takes from every file. Its folder must be there.

    One process at a time writes a file. Raises OSError; what was there before is then still whole.
    """
    unfinished = path.with_name(f".{path.name}.tmp")
    unfinished.unlink(missing_ok=True)
    try:
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        give_to_owner_of_folder(unfinished)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    sync(path.parent)


def sync(path: Path) -> None:
    """See the content of a file, or the names in a folder, on disk. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def give_to_owner_of_folder(path: Path) -> None:
    """Let root's commands leave nothing that the kiosk's own user cannot use. Raises OSError."""
    if os.geteuid() == 0:
        folder, own = path.parent.stat(), path.stat()
        if (own.st_uid, own.st_gid) != (folder.st_uid, folder.st_gid):
            os.chown(path, folder.st_uid, folder.st_gid)


APP = "exercise-kiosk"


class Folders(NamedTuple):
    """The kiosk's folders; `kiosk.toml` lies in `state` itself."""

    state: Path
    """What must not be lost."""

    clips: Path
    """Rendered speech, which can be rendered again."""

    @property
    def programs(self) -> Path:
        """Programs of the household's or clinic's own."""
        return self.state / "programs"


def find_folders(option: str | None, environ: Mapping[str, str]) -> Folders:
    """The folders that the option `--state-dir` or else the environment name.

    In the environment `KIOSK_STATE_DIR` and `KIOSK_CACHE_DIR` go before systemd's
    `STATE_DIRECTORY` and `CACHE_DIRECTORY`, and these before the home folder's usual places.
    """
    named = option or environ.get("KIOSK_STATE_DIR") or environ.get("STATE_DIRECTORY")
    home = Path(environ.get("HOME") or Path.home())
    usual = Path(environ.get("XDG_STATE_HOME") or home / ".local/state") / APP
    state = Path(named) if named else usual
    cache = environ.get("KIOSK_CACHE_DIR") or environ.get("CACHE_DIRECTORY")
    return Folders(
        state.absolute(), (Path(cache) / "clips" if cache else state / "clips").absolute()
    )


def make_folders(folders: Folders) -> None:
    """Make what is missing of `folders`. Raises SettingsError where that is not possible."""
    try:
        # What is kept there of a person, and of the passphrase, is nobody else's business.
        folders.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    except FileExistsError as error:
        raise SettingsError([Problem(str(folders.state), "", "state.is-file")]) from error
    except OSError as error:
        values = {"reason": str(error.strerror)}
        problem = Problem(str(folders.state), "", "state.not-made", values)
        raise SettingsError([problem]) from error
