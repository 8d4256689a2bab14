"""The kiosk's requirements: pinned, to be had on a small board, and their licences known."""

import importlib.util
import re
import tomllib
from email.message import Message

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.docs.pages import ROOT, first_cells, section, text

FILES = ("build", "dev", "runtime")

PINNED = re.compile(
    r"[a-z0-9][a-z0-9-]*==[0-9][0-9a-z.]*( ; [A-Za-z_0-9.'<>=! ]+?)?( --hash=sha256:[0-9a-f]{64})+"
)


def lines_of(name: str) -> list[str]:
    """The requirements of a file, each on one line."""
    joined = re.sub(r" *\\\n *", " ", text(ROOT / "requirements" / f"{name}.txt"))
    return [line for line in joined.splitlines() if line and not line.startswith("#")]


def pins_of(name: str) -> set[str]:
    """Name, version and condition of each requirement of a file."""
    return {line.partition(" --hash")[0] for line in lines_of(name)}


@pytest.mark.parametrize("name", FILES)
def test_every_requirement_is_one_version_and_its_hashes(name):
    lines = lines_of(name)
    assert lines
    assert [line for line in lines if not PINNED.fullmatch(line)] == []


@pytest.mark.parametrize("name", FILES)
def test_no_registry_is_named(name):
    file = text(ROOT / "requirements" / f"{name}.txt")
    assert re.findall(r"https?:|://|index-url|find-links|trusted-host|^-\S", file) == []


def test_the_files_agree_so_that_one_environment_can_hold_them_all():
    assert pins_of("runtime") <= pins_of("dev")
    assert pins_of("build") <= pins_of("dev")


@pytest.mark.parametrize("file", FILES)
def test_each_file_pins_what_the_project_asks_for(file):
    project = tomllib.loads(text(ROOT / "pyproject.toml"))
    groups = project["dependency-groups"]
    wanted = {
        "runtime": project["project"]["dependencies"],
        "build": [*groups["build"], *project["build-system"]["requires"]],
        "dev": [name for name in groups["dev"] if isinstance(name, str)],
    }[file]
    pins = [Requirement(pin) for pin in pins_of(file)]
    versions = {canonicalize_name(pin.name): str(pin.specifier)[2:] for pin in pins}
    for requirement in map(Requirement, wanted):
        assert versions[canonicalize_name(requirement.name)] in requirement.specifier


# --- `make audit` ---------------------------------------------------------------------------------


TOOL = ROOT / "tools" / "audit_dependencies.py"
PAGE = ROOT / "docs" / "reference" / "licences.md"


def load():
    """The tool, which is no package's module."""
    spec = importlib.util.spec_from_file_location("audit_dependencies", TOOL)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


audit = load()
WANTED = audit.requirements(text(audit.REQUIREMENTS))


def all_there(_wanted, _python):
    return ""


def test_the_page_has_every_package_that_is_installed_with_its_licence():
    """`make audit ARGS=--write` brings it up to date."""
    assert audit.with_table(text(PAGE), audit.table(WANTED)) == text(PAGE)
    assert first_cells(section(PAGE, "## Python packages")) == list(WANTED)
    assert "unknown" not in section(PAGE, "## Python packages")


def test_the_page_has_every_debian_package_that_is_asked_for():
    asked = re.findall(
        r"^(?:RUN_PACKAGES [+:]=|    wanted=|.*wanted=\"\$wanted) ?'?([a-z0-9 -]+)",
        text(ROOT / "Makefile") + text(ROOT / "installer" / "release.sh"),
        re.MULTILINE,
    )
    packages = {package for line in asked for package in line.split()}
    assert {"espeak-ng", "libportaudio2", "python3-lgpio", "avahi-daemon"} <= packages
    assert packages <= set(first_cells(section(PAGE, "## Debian packages")))


def test_what_has_no_wheel_is_named_with_the_python_that_lacks_it(capsys):
    def ask(wanted, python):
        gone = python == "3.13" and any(line.startswith("cffi==") for line in wanted)
        return "ERROR: no such thing" if gone else ""

    assert audit.main([], ask) == 1
    assert capsys.readouterr().err == (
        "cffi has no wheel for 64-bit ARM and Python 3.13, and is not taken from Debian (ERROR: no"
        " such thing).\n"
    )
    assert audit.main([], all_there) == 0
    assert audit.main(["--offline"], ask) == 0


def test_what_debian_packages_needs_no_wheel():
    wanted = {"lgpio": "lgpio==0.2", "cffi": "cffi==2"}
    asked = []
    audit.not_to_be_had(wanted, lambda lines, python: asked.append((lines, python)) or "")
    assert asked == [(["cffi==2"], "3.11"), (["cffi==2"], "3.13")]


@pytest.mark.parametrize(
    ("fields", "licence"),
    [
        ({"License-Expression": "MIT-0"}, "MIT-0"),
        ({"License": "ZPL 2.1"}, "ZPL-2.1"),
        ({"License": "Copyright 2010\n\nRedistribution", "Classifier": "x :: BSD License"}, "BSD"),
        ({"Classifier": "License :: OSI Approved :: MIT License"}, "MIT"),
        ({"Classifier": "Topic :: Multimedia"}, ""),
        ({}, ""),
    ],
)
def test_a_licence_is_found_wherever_it_stands(fields, licence):
    about = Message()
    for name, value in fields.items():
        about[name] = value
    assert audit.licence_of(about) == licence


def test_no_index_is_named():
    assert re.findall(r"https?:|index-url|find-links|trusted-host", text(TOOL)) == []
