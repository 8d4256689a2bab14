"""The archive that people install from, and its wheel, which guides through a session by itself.

The archive is whole, the same each time, and has nothing too much in it.
"""

import hashlib
import os
import re
import sys
import tarfile
import wave
import zipfile
from pathlib import Path

import pytest

from kiosk import __version__
from kiosk.units import BYTES_PER_FRAME, SAMPLE_RATE
from tests.processes import output_of

ROOT = Path(__file__).parents[2]
TOOL = ROOT / "tools" / "make_release.py"

BASE = f"kiosk-{__version__}"
WHEEL = f"exercise_kiosk-{__version__}-py3-none-any.whl"

PROGRAMS = sorted(path.stem for path in (ROOT / "programs").glob("*.toml"))


def pip(*arguments: str | Path, cwd: Path) -> None:
    output_of(sys.executable, "-m", "pip", "--quiet", "--no-input", *arguments, cwd=cwd)


def make(into: Path, **environ: str) -> Path:
    """The archive, made by the tool; `environ` is set besides."""
    made = output_of(sys.executable, TOOL, "--into", into, cwd=ROOT, env={**os.environ, **environ})
    assert made == f"{into / BASE}.tar.gz\n{into / BASE}.tar.gz.sha256\n"
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
    output_of(unpacked / "install.sh", "--help", cwd=unpacked)
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
    checked = output_of("sha256sum", "--check", f"{archive.name}.sha256", cwd=archive.parent)
    assert checked == f"{archive.name}: OK\n"


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


# --- the wheel ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def wheel(unpacked):
    return unpacked / WHEEL


class Installation:
    """The wheel and what it needs, and nothing else, far from the checkout."""

    def __init__(self, wheel: Path, folder: Path) -> None:
        self.bin = folder / "environment" / "bin"
        self.elsewhere = folder / "elsewhere"
        self.elsewhere.mkdir()
        # pip takes seconds to install, and another can do its work.
        output_of(sys.executable, "-m", "venv", "--without-pip", self.bin.parent, cwd=folder)
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        (folder / "wheel.txt").write_text(f"{wheel.as_uri()} --hash=sha256:{digest}\n")
        into_it = ("--python", self.bin / "python")
        requirements = ("-r", ROOT / "requirements" / "runtime.txt", "-r", "wheel.txt")
        hashed = ("install", "--require-hashes", "--no-deps", "--no-compile", *requirements)
        pip(*into_it, *hashed, cwd=folder)
        pip(*into_it, "check", cwd=folder)

    def call(self, name: str, *arguments: str | Path) -> str:
        environ = {"PATH": os.defpath, "HOME": str(self.elsewhere)}
        return output_of(self.bin / name, *arguments, cwd=self.elsewhere, env=environ)


@pytest.fixture(scope="module")
def installation(wheel, tmp_path_factory):
    return Installation(wheel, tmp_path_factory.mktemp("installation"))


def test_the_wheel_holds_its_packages_whole_and_nothing_else(wheel):
    here = {
        str(path.relative_to(ROOT))
        for package in ("kiosk", "web", "programs")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    about = f"exercise_kiosk-{__version__}.dist-info"
    described = {
        f"{about}/{name}"
        for name in ("METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE")
    }
    with zipfile.ZipFile(wheel) as archive:
        assert set(archive.namelist()) == here | described
        entry_points = archive.read(f"{about}/entry_points.txt").decode()
    assert entry_points.split("\n") == ["[console_scripts]", "kiosk = kiosk.cli:main", ""]
    assert {
        "kiosk/py.typed",
        "kiosk/locale/en/LC_MESSAGES/kiosk.po",
        "programs/SHA256SUMS",
        "programs/schema.json",
        "programs/low-back-start.toml",
        "web/static/style.css",
        "web/templates/base.html",
    } < here


def test_the_source_archive_holds_what_it_takes_to_test_it(tmp_path):
    output_of(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", tmp_path, cwd=ROOT)
    base = f"exercise_kiosk-{__version__}"
    with tarfile.open(tmp_path / f"{base}.tar.gz") as archive:
        names = {name.removeprefix(f"{base}/") for name in archive.getnames()}
    assert {
        ".importlinter",
        "LICENSE",
        "Makefile",
        "README.md",
        "docs/reference/settings.md",
        "kiosk/py.typed",
        "programs/low-back-start.toml",
        "pyproject.toml",
        "requirements/dev.txt",
        "tests/packaging/test_release.py",
        "tools/make-venv.sh",
        "web/templates/base.html",
    } < names
    assert {name.partition("/")[0] for name in names} & {".venv", ".git", "dist"} == set()


def test_it_is_the_installed_kiosk_that_runs(installation):
    where = installation.call("python", "-c", "import kiosk; print(kiosk.__file__)")
    assert where.startswith(str(installation.bin.parent))
    assert installation.call("kiosk", "--version") == f"kiosk {__version__}\n"


def test_the_installed_kiosk_finds_its_programs(installation):
    listed = installation.call("kiosk", "programs")
    assert PROGRAMS == ["hip-stretching", "low-back-next", "low-back-start"]
    assert [name for name in PROGRAMS if name not in listed] == []


def test_the_installed_pages_find_what_they_are_made_of(installation):
    look = "import flask, web.app; print(*flask.Flask('web').jinja_env.list_templates())"
    assert "base.html" in installation.call("python", "-c", look).split()


def test_the_installed_kiosk_renders_a_whole_session(installation):
    program = ("render", "low-back-start", "-o", "session.wav", "--state-dir", "state")
    installation.call("kiosk", *program)
    with wave.open(str(installation.elsewhere / "session.wav")) as sound:
        assert sound.getframerate() == SAMPLE_RATE
        assert (sound.getnchannels(), sound.getsampwidth()) == (1, BYTES_PER_FRAME)
        minutes = sound.getnframes() / SAMPLE_RATE / 60
        assert 4 <= minutes <= 6
        assert any(sound.readframes(SAMPLE_RATE * 10))
