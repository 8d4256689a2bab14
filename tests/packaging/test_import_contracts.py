"""The import contracts are kept, and each of them would notice if it were not."""

import shutil
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp
import pytest

from tests.processes import run

ROOT = Path(__file__).parents[2]


@pytest.fixture
def checkout(tmp_path):
    """A copy of the packages and their contracts, to break."""
    for package in ("kiosk", "web"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / package, tmp_path / package, ignore=ignored)
    shutil.copy(ROOT / ".importlinter", tmp_path)
    return tmp_path


def add(path: Path, line: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(f"\n{line}\n")


def verdict(checkout: Path) -> tuple[int, str]:
    """The linter's exit code and what it says."""
    linter = Path(sys.executable).with_name("lint-imports")
    done = run(linter, "--no-logo", "--no-cache", cwd=checkout)
    return done.returncode, done.stdout


def circle_in(graph: grimp.ImportGraph) -> list[str]:
    """Modules of which each imports the one before it, and the first the last; empty for none."""
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        return error.args[1]
    return []


def test_every_contract_is_kept(checkout):
    code, said = verdict(checkout)
    assert code == 0, said
    assert "6 kept, 0 broken" in said


def test_every_breach_is_noticed(checkout):
    package = checkout / "kiosk"
    add(package / "session" / "transitions.py", "import threading")
    add(package / "timeline" / "layout.py", "import os.path")
    add(package / "schedule" / "due.py", "import sqlite3")
    add(package / "timeline" / "script.py", "from datetime import datetime")
    add(package / "programs" / "model.py", "from time import sleep")
    add(package / "errors.py", "from pydantic import BaseModel")
    add(package / "schedule" / "service.py", "import kiosk.app")
    add(package / "history" / "service.py", "import web.app")
    add(package / "levels" / "service.py", "import kiosk.cli.common")
    add(checkout / "web" / "__init__.py", "import kiosk.session.controller")
    code, said = verdict(checkout)
    assert code == 1
    assert "0 kept, 6 broken" in said
    for breach in (
        "kiosk.session.transitions is not allowed to import threading",
        "kiosk.timeline is not allowed to import os",
        "kiosk.schedule.due is not allowed to import sqlite3",
        "kiosk.timeline is not allowed to import datetime",
        "kiosk.programs.model is not allowed to import time",
        "kiosk.errors is not allowed to import pydantic",
        "kiosk.schedule.service -> kiosk.app",
        "kiosk.history.service -> web.app",
        "kiosk.levels.service -> kiosk.cli.common",
        "web is not allowed to import kiosk.session.controller",
    ):
        assert breach in said


def test_no_module_imports_itself_by_way_of_others():
    graph = grimp.build_graph("kiosk", "web", exclude_type_checking_imports=True)
    assert circle_in(graph) == []
    graph.add_import(importer="kiosk.units", imported="kiosk.timeline.render")
    assert {"kiosk.units", "kiosk.timeline.render"} <= set(circle_in(graph))
