"""The units and scripts as they lie in the checkout, looked at by those who have to read them."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

UNIT = ROOT / "systemd/kiosk.service"
MOST = 1.6
"""How much a service may still touch, on systemd's own scale from 0 to 10."""


def run(*command: str | Path) -> str:
    """What a command prints that has to find nothing wrong."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def with_port_80(folder: Path) -> Path:
    """The unit with the drop-in for port 80, in one file."""
    unit = folder / "kiosk-80.service"
    more = (ROOT / "systemd/port-80.conf").read_text().partition("[Service]\n")[2]
    unit.write_text(UNIT.read_text().replace("[Install]", f"{more}\n[Install]"))
    return unit


@pytest.mark.parametrize("port", [8080, 80])
def test_little_is_exposed(tmp_path, port):
    unit = UNIT if port == 8080 else with_port_80(tmp_path)
    said = run("systemd-analyze", "security", "--offline=true", "--no-pager", unit)
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
    run("shellcheck", "--external-sources", f"--source-path={ROOT}", *scripts)
