"""What the pages say of the installed kiosk is what installer, units and doctor do."""

import re
import subprocess
from pathlib import Path

from gpiozero.pins.mock import MockFactory, MockPWMPin

from kiosk.audio.speaker import SilentSpeaker
from kiosk.cli.doctor import format_finding
from kiosk.doctor.finding import Finding, bad, ok, summary, warn
from kiosk.doctor.pins import check_button, check_light
from kiosk.doctor.sound import check_speaker
from kiosk.settings.model import Settings
from tests.docs.pages import ROOT, code_blocks, each_page, first_cells, section, text
from tests.doctor.test_checks import PressingClock
from tests.fakes.clock import FakeClock

TUTORIAL = ROOT / "docs" / "tutorial" / "from-the-empty-card.md"
READ_ONLY = ROOT / "docs" / "how-to" / "read-only-card.md"
PARTS = ROOT / "docs" / "reference" / "parts.md"


def block(page: Path, beginning: str) -> list[str]:
    """The lines of the page's only block of output that begins so."""
    (found,) = [one for one in code_blocks(page, "text") if one.startswith(beginning)]
    return found.splitlines()


def test_the_tutorial_shows_every_step_of_the_installer():
    steps = re.findall(r"^    step (['\"])(.+?)\1 \w+$", text(ROOT / "install.sh"), re.MULTILINE)
    named = [what.replace("$RELEASE", "0.1.0") for _, what in steps]
    shown = [line for line in block(TUTORIAL, "[1/") if line.startswith("[")]
    assert shown == [f"[{n}/{len(named)}] {what}…" for n, what in enumerate(named, start=1)]


def test_the_doctor_says_what_the_tutorial_shows():
    clock, pins = FakeClock(), MockFactory(pin_class=MockPWMPin)
    speaker = SilentSpeaker(clock)
    speaker.name = "USB Audio: - (plughw:1,0)"
    asked = [f"Press the button on GPIO {Settings().pin} within 20 seconds…"]
    tested: list[Finding] = [
        check_speaker(speaker, 80, 0, clock, lambda: None),
        check_button(lambda: pins, Settings().pin, PressingClock(pins, "1", "0")),
        check_light(lambda: pins, 22, clock),
    ]
    rest = [ok("", "")] * 15 + [warn("backup", "", ""), bad("service", "", "")]
    assert block(TUTORIAL, "Press the button on") == asked
    assert block(TUTORIAL, "ok ") == [*map(format_finding, tested), summary([*tested, *rest])]


@each_page
def test_every_option_of_the_installer_that_a_page_names_is_one(page):
    known = set(re.findall(r"--[a-z-]+", text(ROOT / "install.sh").partition("TEXT\n}")[0]))
    named = re.findall(r"install\.sh((?: --[a-z-]+)+)", text(page))
    assert {option for options in named for option in options.split()} <= known


@each_page
def test_every_unit_that_a_page_names_is_one(page):
    named = re.findall(r"\bkiosk[a-z-]*\.service\b", text(page))
    assert {unit for unit in named if not (ROOT / "systemd" / unit).exists()} == set()


def test_every_board_in_the_list_of_parts_is_described():
    boards = first_cells(section(PARTS, "## Boards"))
    assert boards == ["Zero 2 W", "3A+", "3B, 3B+", "4", "5"]


def edited(command: str, line: str, folder: Path) -> str:
    """What the page's `sed` command makes of the kernel's command line."""
    file = folder / "cmdline.txt"
    file.write_text(line, encoding="utf-8")
    local = command.removeprefix("sudo ").replace("/boot/firmware/cmdline.txt", str(file))
    subprocess.run(["/bin/sh", "-c", local], check=True)
    return file.read_text(encoding="utf-8")


def test_the_overlay_is_switched_on_for_the_root_alone_and_off_again(tmp_path):
    commands = [
        line
        for shell in code_blocks(READ_ONLY, "sh")
        for line in shell.splitlines()
        if "sed -i" in line and "cmdline.txt" in line
    ]
    on, off = commands
    without = "console=tty1 root=PARTUUID=1-02 rootfstype=ext4 rootwait\n"
    with_it = f"overlayroot=tmpfs:recurse=0 {without}"
    assert edited(on, f"overlayroot=tmpfs {without}", tmp_path) == with_it
    assert edited(on, with_it, tmp_path) == with_it
    assert edited(off, with_it, tmp_path) == without


def test_undoing_takes_the_kiosk_s_lines_out_of_fstab_and_no_other(tmp_path):
    lines = re.findall(r"^echo '(.+)' \| sudo tee -a /etc/fstab$", text(READ_ONLY), re.MULTILINE)
    own = "PARTUUID=1-02 / ext4 defaults,noatime 0 1"
    fstab = tmp_path / "fstab"
    fstab.write_text("\n".join([own, *lines]) + "\n", encoding="utf-8")
    undo = section(READ_ONLY, "## Undo it all")
    command = re.search(r"^sudo (sed -i .+) /etc/fstab$", undo, re.MULTILINE)
    assert command is not None
    subprocess.run(["/bin/sh", "-c", f"{command[1]} {fstab}"], check=True)
    assert len(lines) == 3
    assert fstab.read_text(encoding="utf-8") == f"{own}\n"
