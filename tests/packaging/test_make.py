"""The set-up, with stand-ins on the PATH for everything that would change the machine."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.processes import output_of, run

ROOT = Path(__file__).parents[2]

STAND_INS = {
    # Makes copies of itself as the virtual environment's commands.
    "python3": """
        case "$*" in
            --version) echo Python 3.12.3 ;;
            -c*version_info*) [ ! -e "$STAGE/old" ] ;;
            -m\\ venv*)
                for folder in "$@"; do :; done
                rm -rf "$folder"
                mkdir -p "$folder/bin"
                cp "$0" "$folder/bin/python"
                cp "$0" "$folder/bin/kiosk" ;;
            -m\\ pip*) [ ! -e "$STAGE/no network" ] ;;
            run*) cat >>"$STAGE/log" ;;
        esac
    """,
    "dpkg-query": """
        for package in "$@"; do :; done
        grep -qsx "$package" "$STAGE/missing" || echo installed
    """,
    "apt-get": '[ ! -e "$STAGE/no network" ]',
    "id": 'cat "$STAGE/uid"',
    "sudo": """
        [ -e "$STAGE/sudoer" ] || exit 1
        shift
        exec "$@"
    """,
}
NOT_LOGGED = ("dpkg-query", "id")


class Stage:
    """A checkout's set-up files in a folder of their own, and the stand-ins around them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.checkout = folder / "a checkout"
        shutil.copytree(ROOT / "tools", self.checkout / "tools")
        shutil.copytree(ROOT / "requirements", self.checkout / "requirements")
        shutil.copy(ROOT / "Makefile", self.checkout)
        shutil.copy(ROOT / "pyproject.toml", self.checkout)
        (folder / "bin").mkdir()
        for name, script in STAND_INS.items():
            log = "" if name in NOT_LOGGED else f'echo "{name} $*" >>"$STAGE/log"\n'
            path = folder / "bin" / name
            path.write_text(f"#!/bin/sh\n{log}{script}")
            path.chmod(0o755)
        self.note("uid", "0")

    def note(self, name: str, text: str = "") -> None:
        (self.folder / name).write_text(text)

    def make(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        (self.folder / "log").write_text("")
        environ = {"PATH": f"{self.folder / 'bin'}:/usr/bin:/bin", "STAGE": str(self.folder)}
        command = ("make", f"BOARD={self.folder / 'board'}", *arguments)
        return run(*command, cwd=self.checkout, env=environ, input=stdin)

    def calls(self, *of: str) -> list[str]:
        """What was called and changes something, of all commands or of those named."""
        lines = (self.folder / "log").read_text().splitlines()
        asked = ("python3 -c", "python3 --version", "sudo -n true")
        return [
            line
            for line in lines
            if not line.startswith(asked) and (not of or line.split()[0] in of)
        ]


@pytest.fixture
def stage(tmp_path):
    return Stage(tmp_path)


PIP = "python3 -m pip --quiet --disable-pip-version-check --no-input install"
MAKING = "python3 -m venv --clear .venv"
HASHED = f"{PIP} --require-hashes --requirement requirements"
FOR_RUN = [
    f"{HASHED}/build.txt --requirement requirements/runtime.txt",
    f"{PIP} --no-deps --no-build-isolation --editable .",
]
FOUR_AT_A_TIME = "--numprocesses 4 --dist loadfile"
FOR_TEST = [f"{HASHED}/dev.txt"]
APT = "apt-get -qq -o Dpkg::Use-Pty=0"
APT_INSTALL = f"{APT} install --yes --no-remove --no-install-recommends"


def test_make_alone_lists_every_target(stage):
    lines = stage.make().stdout.splitlines()
    listed = [re.fullmatch(r"make ([a-z0-9-]+) +(\S.*)", line)[1] for line in lines]
    assert listed == [
        *("help", "run", "test", "test-pages", "test-long", "appliance-test", "arm64-test"),
        *("soak", "soak-quick", "fuzz", "bench", "bench-quick", "screenshots"),
        *("check", "format", "audit", "lock", "release", "clean"),
    ]
    assert stage.calls() == []


def test_run_sets_everything_up_once_and_hands_over_options_and_keyboard(stage):
    first = stage.make("run", "ARGS=--program hip-stretching", stdin="\nhold\n")
    assert first.returncode == 0, first.stderr
    assert stage.calls() == [
        MAKING,
        *FOR_RUN,
        "python3 run --program hip-stretching",
        "",
        "hold",
    ]
    stage.make("run")
    assert stage.calls() == ["python3 run"]


def test_test_adds_what_tests_need_and_runs_the_short_ones(stage):
    stage.make("test", "ARGS=-k settings")
    assert stage.calls() == [
        MAKING,
        *FOR_RUN,
        *FOR_TEST,
        f"python3 -m pytest -m not long and not browser {FOUR_AT_A_TIME} -k settings",
    ]
    stage.make("test-long")
    assert stage.calls() == ["python3 -m pytest -m long"]
    stage.make("test-pages", "ARGS=-k schedule")
    assert stage.calls() == ["python3 -m pytest -m browser and not long -k schedule"]


def test_screenshots_are_made_with_what_the_tests_need(stage):
    stage.make("screenshots", "ARGS=elsewhere")
    assert stage.calls() == [
        MAKING,
        *FOR_RUN,
        *FOR_TEST,
        "python3 -m tests.browser.screenshots elsewhere",
    ]


@pytest.mark.parametrize(
    ("target", "wanted"),
    [
        ("run", ["espeak-ng"]),
        ("test", ["espeak-ng pulseaudio"]),
        ("test-pages", ["espeak-ng pulseaudio", "chromium"]),
        ("screenshots", ["espeak-ng", "chromium"]),
    ],
)
def test_only_what_opens_pages_asks_for_a_browser(stage, target, wanted):
    stage.note("missing", "espeak-ng\npulseaudio\nchromium\n")
    stage.make(target)
    installs = [call for call in stage.calls("apt-get") if " install " in call]
    assert installs == [f"{APT_INSTALL} {packages}" for packages in wanted]


@pytest.mark.parametrize(
    ("changed", "again"),
    [
        ("requirements/dev.txt", FOR_TEST),
        ("requirements/runtime.txt", [*FOR_RUN, *FOR_TEST]),
        ("requirements/build.txt", [*FOR_RUN, *FOR_TEST]),
        ("pyproject.toml", [*FOR_RUN, *FOR_TEST]),
    ],
)
def test_changed_requirements_are_installed_anew(stage, changed, again):
    stage.make(".venv/dev.done")
    newest = max(path.stat().st_mtime_ns for path in stage.checkout.glob(".venv/*.done"))
    os.utime(stage.checkout / changed, ns=(newest + 1, newest + 1))
    stage.make(".venv/dev.done")
    assert stage.calls() == again


def test_a_step_that_failed_is_done_again(stage):
    stage.note("no network")
    failed = stage.make("run")
    assert failed.returncode != 0
    assert stage.calls() == [MAKING, FOR_RUN[0]]
    (stage.folder / "no network").unlink()
    assert stage.make("run").returncode == 0
    assert stage.calls() == [*FOR_RUN, "python3 run"]


def test_a_half_made_environment_is_made_anew(stage):
    stage.make("run")
    (stage.checkout / ".venv" / "venv.done").unlink()
    stage.make("run")
    assert stage.calls() == [MAKING, *FOR_RUN, "python3 run"]


def test_an_environment_that_was_moved_is_made_anew(stage):
    stage.make("run")
    stage.checkout = stage.checkout.rename(stage.folder / "elsewhere")
    stage.make("run")
    assert stage.calls() == [MAKING, *FOR_RUN, "python3 run"]
    stage.make("run")
    assert stage.calls() == ["python3 run"]


def test_a_pi_takes_the_system_s_python_and_lgpio(stage):
    stage.note("board", "Raspberry Pi Zero 2 W Rev 1.0\0")
    stage.note("missing", "python3-lgpio\n")
    plan = stage.make("--just-print", "run").stdout
    assert "tools/make-venv.sh '/usr/bin/python3' .venv --system-site-packages" in plan
    assert stage.make("run-packages").returncode == 0
    assert stage.calls("apt-get")[-1] == f"{APT_INSTALL} python3-lgpio"


def test_an_old_python_is_refused_with_what_to_do(stage):
    stage.note("old")
    refused = stage.make("run")
    assert refused.returncode != 0
    assert "The kiosk needs Python 3.11 or later; python3 is Python 3.12.3." in refused.stderr
    assert "make PYTHON=python3.11" in refused.stderr
    assert stage.calls() == []


def test_no_python_at_all_is_told(stage):
    assert "There is no python9." in stage.make("run", "PYTHON=python9").stderr


MISSING = "espeak-ng\npulseaudio\n"


def test_missing_system_packages_are_installed_by_root(stage):
    stage.note("missing", MISSING)
    stage.make("test")
    assert stage.calls("apt-get") == [
        f"{APT} update",
        f"{APT_INSTALL} espeak-ng pulseaudio",
    ]


def test_missing_system_packages_are_installed_through_sudo(stage):
    stage.note("missing", MISSING)
    stage.note("uid", "1000")
    stage.note("sudoer")
    stage.make("run")
    assert stage.calls("sudo", "apt-get") == [
        f"sudo -n env DEBIAN_FRONTEND=noninteractive {APT} update",
        f"{APT} update",
        f"sudo -n env DEBIAN_FRONTEND=noninteractive {APT_INSTALL} espeak-ng",
        f"{APT_INSTALL} espeak-ng",
    ]


def test_missing_system_packages_are_named_to_whoever_may_not_install_them(stage):
    stage.note("missing", MISSING)
    stage.note("uid", "1000")
    refused = stage.make("test")
    assert refused.returncode != 0
    assert (
        "    sudo apt-get install --no-install-recommends espeak-ng pulseaudio\n" in refused.stderr
    )
    assert stage.calls() == []


def test_system_packages_that_cannot_be_had_are_named(stage):
    stage.note("missing", MISSING)
    stage.note("no network")
    refused = stage.make("run")
    assert refused.returncode != 0
    assert "They could not be installed; apt says why above." in refused.stderr
    assert "    sudo apt-get install --no-install-recommends espeak-ng\n" in refused.stderr


# The units and scripts as they lie in the checkout, checked by systemd-analyze and shellcheck


UNIT = ROOT / "systemd/kiosk.service"
MOST = 1.6
"""How much a service may still touch, on systemd's own scale from 0 to 10."""


def with_port_80(folder: Path) -> Path:
    """The unit with the drop-in for port 80, in one file."""
    unit = folder / "kiosk-80.service"
    more = (ROOT / "systemd/port-80.conf").read_text().partition("[Service]\n")[2]
    unit.write_text(UNIT.read_text().replace("[Install]", f"{more}\n[Install]"))
    return unit


@pytest.mark.parametrize("port", [8080, 80])
def test_little_is_exposed(tmp_path, port):
    unit = UNIT if port == 8080 else with_port_80(tmp_path)
    said = output_of("systemd-analyze", "security", "--offline=true", "--no-pager", unit)
    exposure = re.search(r"Overall exposure level for \S+: ([0-9.]+)", said)
    assert exposure is not None
    assert float(exposure[1]) <= MOST


def test_pins_and_sound_cards_are_all_it_can_reach_and_proc_stays_readable():
    text = UNIT.read_text()
    assert "DevicePolicy=closed\nDeviceAllow=char-gpiochip rw\nDeviceAllow=char-alsa rw\n" in text
    # These would take the pins away, and what says which board it is.
    assert "PrivateDevices" not in text
    assert "ProcSubset" not in text


def test_the_scripts_please_the_shells_own_critic():
    scripts = [ROOT / "install.sh", ROOT / "systemd/kiosk-command"]
    scripts += sorted((ROOT / "installer").glob("*.sh"))
    assert len(scripts) > 5
    output_of("shellcheck", "--external-sources", f"--source-path={ROOT}", *scripts)
