"""Makes a release: one archive with exactly what installing needs, and its hash beside it.

usage: make_release.py [--into FOLDER]

The same commit gives the same bytes: files are sorted, belong to root, and all have the time of
the commit (or SOURCE_DATE_EPOCH, where that is set). What is not in git, and not ignored by it, is
taken along, too; so look at `git status` before a release goes to others.
"""
# ruff: noqa: INP001 - a script

import argparse
import gzip
import hashlib
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

CHECKOUT = Path(__file__).parents[1]

PARTS = (
    *("install.sh", "installer", "systemd", "requirements/runtime.txt"),
    *("docs", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE"),
)
"""Of the checkout; the kiosk itself is a wheel beside them, so that nothing has to be built."""


class ReleaseError(Exception):
    """A sentence that says what is wrong and what to do."""


def run(*command: str, **environ: str) -> str:
    """What a command prints, in the checkout. Raises ReleaseError with all that it said."""
    try:
        done = subprocess.run(  # noqa: S603
            command,
            cwd=CHECKOUT,
            env={**os.environ, **environ},
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError as error:
        raise ReleaseError(f"{command[0]} cannot be run: {error}") from error
    if done.returncode:
        raise ReleaseError(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def date() -> int:
    """Of the release, in seconds since 1970."""
    given = os.environ.get("SOURCE_DATE_EPOCH") or run("git", "log", "-1", "--format=%ct")
    return int(given)


def files() -> Iterator[tuple[str, Path]]:
    """Each file of the parts, by its name in the archive."""
    listed = run(
        "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *PARTS
    )
    for name in set(listed.split("\0")) - {""}:
        if (CHECKOUT / name).exists():  # not one that is about to be deleted
            yield name, CHECKOUT / name


def build_wheel(folder: Path, when: int) -> Path:
    """The kiosk as a wheel, in `folder`."""
    build = (sys.executable, "-m", "hatchling", "build", "--target", "wheel")
    run(*build, "--directory", str(folder), SOURCE_DATE_EPOCH=str(when))
    (wheel,) = folder.glob("*.whl")
    return wheel


def pack(base: str, parts: Iterable[tuple[str, Path]], when: int) -> bytes:
    """An archive of one folder `base`; what it depends on is its parts and `when` alone."""
    packed = BytesIO()
    with (
        gzip.GzipFile(filename="", mode="wb", fileobj=packed, mtime=when) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.USTAR_FORMAT) as archive,
    ):
        for name, path in sorted(parts):
            entry = tarfile.TarInfo(f"{base}/{name}")
            entry.size, entry.mtime = path.stat().st_size, when
            entry.mode = 0o755 if path.stat().st_mode & 0o100 else 0o644
            with path.open("rb") as content:
                archive.addfile(entry, content)
    return packed.getvalue()


def make(into: Path) -> Path:
    """Leave archive and hash in `into`; the archive's path. Raises ReleaseError."""
    when = date()
    with TemporaryDirectory() as folder:
        wheel = build_wheel(Path(folder), when)
        base = f"kiosk-{wheel.name.split('-')[1]}"
        content = pack(base, [*files(), (wheel.name, wheel)], when)
    into.mkdir(parents=True, exist_ok=True)
    archive = into / f"{base}.tar.gz"
    archive.write_bytes(content)
    hashed = f"{hashlib.sha256(content).hexdigest()}  {archive.name}\n"
    archive.with_name(f"{archive.name}.sha256").write_text(hashed)
    return archive


def main(arguments: Sequence[str]) -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(description="Make the archive that people install from.")
    parser.add_argument("--into", type=Path, default=CHECKOUT / "dist", metavar="FOLDER")
    try:
        archive = make(parser.parse_args(arguments).into)
    except ReleaseError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{archive}\n{archive}.sha256\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
