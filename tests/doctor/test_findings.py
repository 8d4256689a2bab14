"""What each fact means, and the exact thing to do about it."""

from datetime import UTC, datetime, timedelta

import pytest

from kiosk.doctor import board, card, software
from kiosk.doctor import data as keeping
from kiosk.doctor import network as reach
from kiosk.doctor import pins as parts
from kiosk.doctor.board import BoardFacts
from kiosk.doctor.card import GB, MB, Mount, WearFacts
from kiosk.doctor.data import StoreFacts
from kiosk.doctor.finding import Finding, Verdict, anything_bad, bad, in_summary, ok, skipped, warn
from kiosk.doctor.network import PortFacts
from kiosk.doctor.pins import ButtonFacts, SpeakerFacts
from kiosk.doctor.software import ServiceFacts
from kiosk.history.audit import Actor, AuditEntry

OK, WARN, BAD, SKIPPED = Verdict
NOW = datetime(2026, 3, 27, 11, tzinfo=UTC)
HOUSE = "0.0.0.0"  # noqa: S104 - nothing is served here
EXT4 = Mount("/dev/mmcblk0p2", "ext4", read_only=False)


def stands(finding: Finding, verdict: Verdict, part: str, do: str = "") -> None:
    """How it stands, a part of what is said, and of what is to be done, if anything is."""
    assert (finding.verdict, part in finding.what) == (verdict, True), finding
    assert do in finding.do
    assert bool(finding.do) is (verdict in (WARN, BAD)), "only trouble has something to do"


@pytest.mark.parametrize(
    ("findings", "is_bad", "summary"),
    [
        ([ok("a", "x."), skipped("b", "y.")], False, "All is well."),
        (
            [ok("a", "x."), warn("b", "y.", "do")],
            False,
            "The kiosk works. 1 of 2 to look at in the next days.",
        ),
        ([bad("a", "x.", "do"), ok("b", "y.")], True, "1 of 2 not right."),
        (
            [bad("a", "x.", "do"), warn("b", "y.", "do")],
            True,
            "1 of 2 not right, and 1 to look at.",
        ),
    ],
)
def test_all_of_it_in_a_sentence(findings, is_bad, summary):
    assert anything_bad(findings) is is_bad
    assert in_summary(findings) == summary


def test_python_and_its_packages():
    stands(software.packages((3, 11, 2), [], 13), OK, "Python 3.11.2, with all 13 packages")
    stands(software.packages((3, 11, 2), ["flask"], 13), BAD, "missing: flask", "./install.sh")
    stands(software.packages((3, 9, 1), [], 13), BAD, "3.11 or later", "./install.sh")


def test_version():
    named = software.version("1.0", "Debian", "Raspberry Pi 4").what
    assert named == "kiosk 1.0, Debian on Raspberry Pi 4."
    assert software.version("1.0", "", "").what == "kiosk 1.0."


def test_settings():
    stands(software.settings([], "kiosk.toml"), OK, "can be used")
    stands(software.settings(["volume: 900"], "/x/kiosk.toml"), BAD, "volume: 900", "/x/kiosk.toml")


def test_voice():
    stands(software.voice("", 0.6, 0.5), OK, "renders a word in 0.6 s")
    stands(software.voice("", 9.0, 0.5), WARN, "That is slow", "top")
    stands(software.voice("No engine.", 0.1, 0), BAD, "No engine.", "apt install espeak-ng")
    stands(software.voice("", 0.6, 0.0), BAD, "silence", "another voice")


@pytest.mark.parametrize(
    ("facts", "verdict", "part", "do"),
    [
        (None, SKIPPED, "not installed as a service.", ""),
        (ServiceFacts(known=False), SKIPPED, "not installed as a service.", ""),
        (ServiceFacts(True, "active", True), OK, "starts by itself", ""),
        (ServiceFacts(True, "active", True, 7), WARN, "anew 7 times", "journalctl"),
        (ServiceFacts(True, "active", False), WARN, "would not start", "systemctl enable kiosk"),
        (ServiceFacts(True, "inactive", True), BAD, "it is inactive", "systemctl start kiosk"),
        (ServiceFacts(True, "failed", True), BAD, "has failed", "systemctl restart kiosk"),
    ],
)
def test_the_service(facts, verdict, part, do):
    stands(software.service(facts, kiosk_runs=False), verdict, part, do)


def test_a_kiosk_that_was_started_by_hand():
    assert "started by hand runs" in software.service(None, kiosk_runs=True).what


@pytest.mark.parametrize(
    ("facts", "verdict", "part", "do"),
    [
        (SpeakerFacts("USB", loudest=9000), OK, "on USB, and heard.", ""),
        (SpeakerFacts("USB"), OK, "Nothing here can listen", ""),
        (SpeakerFacts("USB", loudest=30), WARN, "very faintly", "alsamixer"),
        (SpeakerFacts("USB", loudest=0), BAD, "nothing of it was heard", "alsamixer"),
        (SpeakerFacts("USB", "It does not open."), BAD, "It does not open.", "plug"),
    ],
)
def test_the_speaker(facts, verdict, part, do):
    stands(parts.speaker(facts), verdict, part, do)


def test_no_speaker():
    stands(parts.no_speaker(chosen=True), OK, "stays silent")
    stands(parts.no_speaker(chosen=False), BAD, "no sound card", "usermod -aG audio")


@pytest.mark.parametrize(
    ("facts", "verdict", "part", "do"),
    [
        (ButtonFacts(17, pressed=True, edges=2), OK, "A press arrived on GPIO 17.", ""),
        (ButtonFacts(17, down_at_first=True, pressed=True, edges=3), OK, "A press arrived", ""),
        (ButtonFacts(17, pressed=True, edges=90), WARN, "90 chatters", "debounce_ms"),
        (ButtonFacts(17), BAD, "No press arrived on GPIO 17 in 20 seconds", "on ground"),
        (ButtonFacts(17, down_at_first=True), BAD, "down all the time", "Pull one"),
        (ButtonFacts(17, "The pins do not open."), BAD, "do not open", "`pin`"),
    ],
)
def test_the_button(facts, verdict, part, do):
    stands(parts.button(facts, 20), verdict, part, do)


def test_the_light():
    stands(parts.light(None, ""), SKIPPED, "No light is set")
    stands(parts.light(22, ""), OK, "GPIO 22 was lit")
    stands(parts.light(22, "In use."), BAD, "In use.", "led_pin")


def test_a_part_that_the_running_kiosk_has():
    stands(parts.in_use("light", "Look at it."), SKIPPED, "The running kiosk has it. Look at it.")


@pytest.mark.parametrize(
    ("facts", "verdict", "part", "do"),
    [
        (StoreFacts(there=False), OK, "remembers nothing yet", ""),
        (
            StoreFacts(there=False, unfinished_restore=True),
            WARN,
            "not in its place yet",
            "Start the kiosk",
        ),
        (StoreFacts(True, version=2, newest_known=2, size=5000), OK, "is sound (5 kB)", ""),
        (
            StoreFacts(True, fault="page 3", newest_known=2),
            BAD,
            "damaged (page 3)",
            "restart kiosk",
        ),
        (StoreFacts(True, version=9, newest_known=2), BAD, "newer kiosk", "Install"),
        (StoreFacts(True, unreadable="No rights."), BAD, "No rights.", "sudo kiosk doctor"),
        (
            StoreFacts(True, version=2, newest_known=2, unfinished_restore=True),
            WARN,
            "not in its place yet",
            "Start the kiosk",
        ),
    ],
)
def test_what_is_kept(facts, verdict, part, do):
    stands(keeping.store(facts), verdict, part, do)


def a_loss(days: int) -> AuditEntry:
    return AuditEntry(NOW - timedelta(days=days), Actor.KIOSK, f"Lost {days} days ago.")


def test_losses_are_told_and_after_a_month_no_longer_warned_of():
    stands(keeping.losses([], NOW), OK, "was ever lost")
    stands(keeping.losses([a_loss(2)], NOW), WARN, "2026-03-25: Lost 2 days ago.", "memory card")
    stands(keeping.losses([a_loss(90), a_loss(31)], NOW), OK, "2 times; the last one 2026-02-24")


def test_the_newest_backup():
    day = timedelta(days=1)
    stands(keeping.backup(NOW - day, NOW, kept_something=True), OK, "2026-03-26 11:00 UTC")
    stands(keeping.backup(NOW - 9 * day, NOW, kept_something=True), WARN, "9 days", "each night")
    stands(keeping.backup(None, NOW, kept_something=True), WARN, "no backup yet", "kiosk backup")
    stands(keeping.backup(None, NOW, kept_something=False), SKIPPED, "nothing to back up")


@pytest.mark.parametrize(
    ("mount", "writable", "verdict", "part", "do"),
    [
        (EXT4, True, OK, "/s lies on /dev/mmcblk0p2 (ext4)", ""),
        (EXT4, False, BAD, "cannot be written to by this user", "sudo kiosk doctor"),
        (Mount("tmpfs", "tmpfs", False), True, WARN, "gone after a restart", "--state-dir"),
        (Mount("overlay", "overlay", False), True, WARN, "gone after a restart", "--state-dir"),
        (Mount("nas:/x", "nfs4", False), True, WARN, "another machine (nfs4)", "--state-dir"),
        (Mount("/dev/sda1", "ext4", True), False, BAD, "mounted read-only", "--state-dir"),
        (None, True, SKIPPED, "does not say", ""),
    ],
)
def test_where_the_state_directory_lies(mount, writable, verdict, part, do):
    stands(card.place("/s", mount, writable=writable), verdict, part, do)


def test_room_on_the_disk():
    stands(card.room(8 * GB, 32 * GB), OK, "8.0 of 32.0 GB are free")
    stands(card.room(400 * MB, 32 * GB), WARN, "0.4 of 32.0 GB", "apt clean")
    stands(card.room(50 * MB, 32 * GB), BAD, "The disk is full", "apt clean")


@pytest.mark.parametrize(
    ("facts", "verdict", "part", "do"),
    [
        (None, SKIPPED, "does not tell", ""),
        (WearFacts(written=27 * GB, size=32 * GB), OK, "27 GB were written", ""),
        (WearFacts(life_used=3), OK, "at most 30 % of its life", ""),
        (WearFacts(life_used=9), WARN, "at most 90 %", "replace the memory card"),
        (WearFacts(written=20_000 * GB, size=32 * GB), WARN, "20000 GB", "kiosk backup"),
        (WearFacts(life_used=11), BAD, "end of its life", "replace"),
        (WearFacts(life_used=2, end_near=True), BAD, "end of its life", "replace"),
        (WearFacts(written=GB, errors=4), BAD, "4 errors", "Make a backup now"),
    ],
)
def test_the_card(facts, verdict, part, do):
    stands(card.wear(facts), verdict, part, do)


@pytest.mark.parametrize(
    ("facts", "runs", "verdict", "part", "do"),
    [
        (PortFacts(HOUSE, 80, answers="1.0"), True, OK, "answer on port 80.", ""),
        (PortFacts(HOUSE, 80, answers="0.9"), True, WARN, "of kiosk 0.9", "restart kiosk"),
        (PortFacts("", 80, answers="1.0", trouble=["store"]), True, WARN, "well: store.", "Now"),
        (PortFacts(HOUSE, 80, free=True), False, OK, "Port 80 is free", ""),
        (PortFacts(HOUSE, 80), False, BAD, "Another program", "sport = :80"),
        (PortFacts(HOUSE, 80), True, BAD, "do not answer on port 80", "journalctl"),
        (PortFacts(HOUSE, 80, refused="denied"), False, BAD, "denied", "8080"),
        (PortFacts(HOUSE, 0, free=True), True, SKIPPED, "any free port", ""),
    ],
)
def test_the_pages(facts, runs, verdict, part, do):
    stands(reach.port(facts, "1.0", kiosk_runs=runs), verdict, part, do)


def test_the_name_at_home():
    found = reach.name_at_home("kiosk", 80, announced=True, resolves=None)
    stands(found, OK, "http://kiosk.local/")
    found = reach.name_at_home("kiosk", 8080, announced=True, resolves=True)
    stands(found, OK, "http://kiosk.local:8080/")
    found = reach.name_at_home("kiosk", 80, announced=False, resolves=None)
    stands(found, WARN, "avahi does not run", "apt install avahi-daemon")
    found = reach.name_at_home("kiosk", 80, announced=True, resolves=False)
    stands(found, WARN, "does not lead here", "hostnamectl")


def test_the_clock_and_the_time_zone():
    stands(board.clock(trusted=True, shown="2026-03-27 12:00"), OK, "2026-03-27 12:00")
    stands(board.clock(trusted=False, shown="1970-01-01 00:00"), WARN, "reminders wait", "network")
    stands(board.time_zone("Europe/Oslo", chosen=False), OK, "Europe/Oslo")
    stands(board.time_zone("UTC", chosen=True), OK, "UTC")
    stands(board.time_zone("UTC", chosen=False), WARN, "goes by UTC", "set-timezone")
    stands(board.time_zone("x", chosen=True, error="No such zone."), BAD, "No such", "Settings")


@pytest.mark.parametrize(
    ("celsius", "verdict"), [(None, SKIPPED), (48.0, OK), (76.0, WARN), (83.0, BAD)]
)
def test_the_temperature(celsius, verdict):
    assert board.temperature(BoardFacts(celsius)).verdict is verdict


@pytest.mark.parametrize(
    ("bits", "verdict", "part"),
    [
        (None, SKIPPED, "does not tell"),
        (0x0, OK, "since the start"),
        (0x50005, BAD, "too low"),
        (0x50000, WARN, "at times since the start"),
        (0x80008, WARN, "slow itself down"),
        (0x20000, OK, "is right"),
    ],
)
def test_the_power(bits, verdict, part):
    found = board.power(BoardFacts(throttled=bits))
    assert (found.verdict, part in found.what) == (verdict, True)
