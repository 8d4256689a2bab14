"""The import contracts are kept, and each of them would notice if it were not."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

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
    path.parent.mkdir(exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(f"\n{line}\n")


def verdict(checkout: Path) -> tuple[int, str]:
    """The linter's exit code and what it says."""
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [linter, "--no-logo", "--no-cache"],
        cwd=checkout,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def test_every_contract_is_kept(checkout):
    code, said = verdict(checkout)
    assert code == 0, said
    assert "6 kept, 0 broken" in said


def test_every_breach_is_noticed(checkout):
    package = checkout / "kiosk"
    add(package / "session" / "__init__.py", "import threading")
    add(package / "timeline" / "__init__.py", "import os.path")
    add(package / "agenda" / "__init__.py", "import sqlite3")
    add(package / "timeline" / "script.py", "from datetime import datetime")
    add(package / "model" / "__init__.py", "from time import sleep")
    add(package / "errors.py", "from pydantic import BaseModel")
    add(package / "units.py", "import kiosk.model.program")
    add(package / "conductor" / "__init__.py", "import kiosk.adapters.settings.layers")
    add(package / "service" / "__init__.py", "import kiosk.adapters.settings.layers")
    add(package / "desk" / "__init__.py", "import web.app")
    add(checkout / "web" / "__init__.py", "import kiosk.desk.plan")
    (package / "homeless.py").write_text("")
    code, said = verdict(checkout)
    assert code == 1
    assert "0 kept, 6 broken" in said
    for breach in (
        "kiosk.session is not allowed to import threading",
        "kiosk.timeline is not allowed to import os",
        "kiosk.agenda is not allowed to import sqlite3",
        "kiosk.timeline is not allowed to import datetime",
        "kiosk.model is not allowed to import time",
        "kiosk.errors is not allowed to import pydantic",
        "kiosk.units is not allowed to import kiosk.model",
        "kiosk.conductor is not allowed to import kiosk.adapters",
        "kiosk.service -> kiosk.adapters.settings.layers",
        "kiosk.desk -> web.app",
        "web is not allowed to import kiosk.desk:",
        "- kiosk.homeless",
    ):
        assert breach in said
