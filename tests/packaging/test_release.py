"""The archive that people install from: whole, the same each time, and nothing too much in it."""

import os
import re
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from kiosk import __version__

ROOT = Path(__file__).parents[2]
TOOL = ROOT / "tools" / "make_release.py"

BASE = f"kiosk-{__version__}"
WHEEL = f"exercise_kiosk-{__version__}-py3-none-any.whl"


def make(into: Path, **environ: str) -> Path:
    """The archive, made by the tool; `environ` is set besides."""
    done = subprocess.run(
        [sys.executable, TOOL, "--into", into],
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{into / BASE}.tar.gz\n{into / BASE}.tar.gz.sha256\n"
    return into / f"{BASE}.tar.gz"


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    return make(tmp_path_factory.mktemp("release"))


@pytest.fixture(scope="module")
def unpacked(archive, tmp_path_factory):
    folder = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(archive) as content:
        content.extractall(folder, filter="data")
    return folder / BASE


def test_it_holds_what_installing_needs_and_what_there_is_to_read(unpacked):
    assert {path.name for path in unpacked.iterdir()} == {
        *("install.sh", "installer", "systemd", "requirements", WHEEL),
        *("docs", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE"),
    }
    for folder in ("installer", "systemd", "docs"):
        here = {path.relative_to(ROOT) for path in (ROOT / folder).rglob("*") if path.is_file()}
        there = {p.relative_to(unpacked) for p in (unpacked / folder).rglob("*") if p.is_file()}
        assert there == here
    assert [path.name for path in (unpacked / "requirements").iterdir()] == ["runtime.txt"]


def test_its_installer_finds_all_its_parts(unpacked):
    done = subprocess.run([unpacked / "install.sh", "--help"], capture_output=True, check=False)
    assert done.returncode == 0
    named = re.findall(r'"\$HERE/([a-z.-]+/[a-z.-]+)"', (unpacked / "install.sh").read_text())
    for script in (unpacked / "installer").iterdir():
        # What it takes to build is not needed where there is a wheel.
        named += re.findall(
            r'"\$HERE/((?!requirements/build)[a-z.-]+/[a-z.-]+)"', script.read_text()
        )
    assert "systemd/kiosk.sysusers" in named
    assert [name for name in named if not (unpacked / name).is_file()] == []


def test_no_link_in_what_there_is_to_read_leads_out_of_it(unpacked):
    for page in unpacked.rglob("*.md"):
        links = re.findall(r"\]\((?![a-z]+:|#)([^)#]+)", page.read_text())
        assert [link for link in links if not (page.parent / link).exists()] == [], page


def test_its_hash_is_beside_it_as_sha256sum_looks_for_it(archive):
    done = subprocess.run(
        ["sha256sum", "--check", f"{archive.name}.sha256"],
        cwd=archive.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == f"{archive.name}: OK\n"


def test_the_same_commit_gives_the_same_bytes_whoever_makes_it(archive, tmp_path):
    elsewhere = {"TZ": "Asia/Tokyo", "LC_ALL": "C", "PYTHONHASHSEED": "7", "USER": "somebody"}
    again = make(tmp_path, **elsewhere)
    assert again.read_bytes() == archive.read_bytes()


def test_nothing_in_it_tells_who_made_it_or_when(tmp_path):
    archive = make(tmp_path, SOURCE_DATE_EPOCH="1700000000")
    with tarfile.open(archive) as content:
        entries = content.getmembers()
    assert [entry.name for entry in entries] == sorted(entry.name for entry in entries)
    facts = {(e.uid, e.gid, e.uname, e.gname, e.mtime, e.isfile()) for e in entries}
    assert facts == {(0, 0, "", "", 1_700_000_000, True)}
    assert {entry.mode for entry in entries} == {0o644, 0o755}
