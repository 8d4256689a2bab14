import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
FILES = ("build", "dev", "runtime")

PINNED = re.compile(
    r"[a-z0-9][a-z0-9-]*==[0-9][0-9a-z.]*( ; [A-Za-z_0-9.'<>=! ]+?)?( --hash=sha256:[0-9a-f]{64})+"
)


def lines_of(name: str) -> list[str]:
    """The requirements of a file, each on one line."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    joined = re.sub(r" *\\\n *", " ", text)
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
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    assert re.findall(r"https?:|://|index-url|find-links|trusted-host|^-\S", text) == []


def test_the_files_agree_so_that_one_environment_can_hold_them_all():
    assert pins_of("runtime") <= pins_of("dev")
    assert pins_of("build") <= pins_of("dev")


@pytest.mark.parametrize("file", FILES)
def test_each_file_pins_what_the_project_asks_for(file):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
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
