"""What each fact means, and the exact thing to do about it."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from kiosk.doctor.board import (
    judge_clock,
    judge_power,
    judge_temperature,
    judge_time_zone,
)
from kiosk.doctor.card import (
    GB,
    MB,
    Mount,
    WearFacts,
    judge_free_space,
    judge_mount,
    judge_wear,
)
from kiosk.doctor.data import StoreFacts, judge_backup, judge_losses, judge_store
from kiosk.doctor.finding import Verdict, any_bad, bad, ok, skipped, summary, warn
from kiosk.doctor.network import PortFacts, judge_name, judge_port
from kiosk.doctor.pins import ButtonFacts, judge_button, judge_light
from kiosk.doctor.software import (
    ServiceFacts,
    judge_packages,
    judge_service,
    judge_settings,
    judge_version,
)
from kiosk.doctor.sound import (
    SpeakerFacts,
    VoiceFacts,
    judge_no_speaker,
    judge_speaker,
    judge_voice,
)
from kiosk.history.audit import Actor, AuditEntry
from tests.audit_log import text_entry

OK, WARN, BAD, SKIPPED = Verdict
NOW = datetime(2026, 3, 27, 11, tzinfo=UTC)
DAY = timedelta(days=1)
EVERYWHERE = "0.0.0.0"  # noqa: S104 - nothing is served here
EXT4 = Mount("/dev/mmcblk0p2", "ext4", read_only=False)


def loss(days: int) -> AuditEntry:
    return text_entry(NOW - timedelta(days=days), Actor.KIOSK, f"Lost {days} days ago.")


service = partial(judge_service, kiosk_runs=False)
backup = partial(judge_backup, now=NOW, anything_stored=True)
mounted = partial(judge_mount, "/s", writable=True)
port = partial(judge_port, own_version="1.0", kiosk_runs=False)
port_of_kiosk = partial(judge_port, own_version="1.0", kiosk_runs=True)
name = partial(judge_name, "kiosk", 80, announced=True)

VERDICTS = [
    # finding, its verdict, a part of its sentence, a part of its remedy
    (judge_version("1.0", "Debian", "A Pi"), OK, "kiosk 1.0, Debian on A Pi.", ""),
    (judge_version("1.0", "", ""), OK, "kiosk 1.0.", ""),
    (judge_packages((3, 11, 2), [], 13), OK, "Python 3.11.2, with all 13 packages", ""),
    (judge_packages((3, 11, 2), ["flask"], 13), BAD, "missing: flask", "./install.sh"),
    (judge_packages((3, 9, 1), [], 13), BAD, "3.11 or later", "./install.sh"),
    (judge_settings([], "kiosk.toml"), OK, "can be used", ""),
    (judge_settings(["volume: 900"], "/x/kiosk.toml"), BAD, "volume: 900", "/x/kiosk.toml"),
    (service(None), SKIPPED, "not installed as a service.", ""),
    (service(ServiceFacts(known=False)), SKIPPED, "not installed as a service.", ""),
    (judge_service(None, kiosk_runs=True), SKIPPED, "started by hand runs.", ""),
    (service(ServiceFacts(True, "active", True)), OK, "starts by itself", ""),
    (service(ServiceFacts(True, "active", True, 7)), WARN, "anew 7 times", "journalctl"),
    (service(ServiceFacts(True, "active", False)), WARN, "would not start", "systemctl enable"),
    (service(ServiceFacts(True, "inactive", True)), BAD, "it is inactive", "systemctl start"),
    (service(ServiceFacts(True, "failed", True)), BAD, "has failed", "systemctl restart kiosk"),
    # the voice and the speaker
    (judge_voice(VoiceFacts("", 0.6, 0.5)), OK, "renders a word in 0.6 s", ""),
    (judge_voice(VoiceFacts("", 9.0, 0.5)), WARN, "That is slow", "top"),
    (judge_voice(VoiceFacts("No engine.", 0.1, 0)), BAD, "No engine.", "apt install espeak-ng"),
    (judge_voice(VoiceFacts("", 0.6, 0.0)), BAD, "silence", "another voice"),
    (judge_speaker(SpeakerFacts("USB", loudest=9000)), OK, "on USB, and heard.", ""),
    (judge_speaker(SpeakerFacts("USB")), OK, "Nothing here can listen", ""),
    (judge_speaker(SpeakerFacts("USB", loudest=30)), WARN, "very faintly", "alsamixer"),
    (judge_speaker(SpeakerFacts("USB", loudest=0)), BAD, "nothing of it was heard", "alsamixer"),
    (judge_speaker(SpeakerFacts("USB", "It is gone.")), BAD, "It is gone.", "plug"),
    (judge_no_speaker(chosen=True), OK, "stays silent", ""),
    (judge_no_speaker(chosen=False), BAD, "no sound card", "usermod -aG audio"),
    # the button and the light
    (judge_button(ButtonFacts(17, "", False, True, 2)), OK, "A press arrived on GPIO 17.", ""),
    (judge_button(ButtonFacts(17, "", True, True, 3)), OK, "A press arrived", ""),
    (judge_button(ButtonFacts(17, "", False, True, 90)), WARN, "90 chatters", "debounce_ms"),
    (judge_button(ButtonFacts(17)), BAD, "No press arrived on GPIO 17 in 20 seconds", "on ground"),
    (judge_button(ButtonFacts(17, down_at_first=True)), BAD, "down all the time", "Pull one"),
    (judge_button(ButtonFacts(17, "No pins open.")), BAD, "No pins open.", "`pin`"),
    (judge_light(None, ""), SKIPPED, "No light is set", ""),
    (judge_light(22, ""), OK, "GPIO 22 was lit", ""),
    (judge_light(22, "In use."), BAD, "In use.", "led_pin"),
    # the data; a loss is no warning any more after a month
    (judge_store(StoreFacts(there=False)), OK, "remembers nothing yet", ""),
    (
        judge_store(StoreFacts(False, unfinished_restore=True)),
        WARN,
        "not in its place",
        "Start the",
    ),
    (judge_store(StoreFacts(True, "", "", 2, 2, size=5000)), OK, "is sound (5 kB)", ""),
    (judge_store(StoreFacts(True, "page 3", "", 0, 2)), BAD, "damaged (page 3)", "restart kiosk"),
    (judge_store(StoreFacts(True, "", "", 9, 2)), BAD, "newer kiosk", "Install"),
    (judge_store(StoreFacts(True, "", "No rights.")), BAD, "No rights.", "sudo kiosk doctor"),
    (
        judge_store(StoreFacts(True, "", "", 2, 2, True)),
        WARN,
        "not in its place",
        "Start the kiosk",
    ),
    (judge_losses([], NOW), OK, "was ever lost", ""),
    (judge_losses([loss(2)], NOW), WARN, "2026-03-25: Lost 2 days ago.", "memory card"),
    (judge_losses([loss(90), loss(31)], NOW), OK, "2 times; the last one 2026-02-24", ""),
    (backup(NOW - DAY), OK, "2026-03-26 11:00 UTC", ""),
    (backup(NOW - 9 * DAY), WARN, "9 days", "each night"),
    (backup(None), WARN, "no backup yet", "kiosk backup"),
    (judge_backup(None, NOW, anything_stored=False), SKIPPED, "nothing to back up", ""),
    # the card
    (mounted(EXT4), OK, "/s lies on /dev/mmcblk0p2 (ext4)", ""),
    (judge_mount("/s", EXT4, writable=False), BAD, "cannot be written to", "sudo kiosk doctor"),
    (mounted(Mount("tmpfs", "tmpfs", False)), WARN, "gone after a restart", "--state-dir"),
    (mounted(Mount("overlay", "overlay", False)), WARN, "gone after a restart", "--state-dir"),
    (mounted(Mount("nas:/x", "nfs4", False)), WARN, "another machine (nfs4)", "--state-dir"),
    (mounted(Mount("/dev/sda1", "ext4", True)), BAD, "mounted read-only", "--state-dir"),
    (mounted(None), SKIPPED, "does not say", ""),
    (judge_free_space(8 * GB, 32 * GB), OK, "8.0 of 32.0 GB are free", ""),
    (judge_free_space(400 * MB, 32 * GB), WARN, "0.4 of 32.0 GB", "apt clean"),
    (judge_free_space(50 * MB, 32 * GB), BAD, "The disk is full", "apt clean"),
    (judge_wear(None), SKIPPED, "does not tell", ""),
    (judge_wear(WearFacts(27 * GB, 32 * GB)), OK, "27 GB were written", ""),
    (judge_wear(WearFacts(life_used=3)), OK, "at most 30 % of its life", ""),
    (judge_wear(WearFacts(life_used=9)), WARN, "at most 90 %", "replace the memory card"),
    (judge_wear(WearFacts(20_000 * GB, 32 * GB)), WARN, "20000 GB", "kiosk backup"),
    (judge_wear(WearFacts(life_used=11)), BAD, "end of its life", "replace"),
    (judge_wear(WearFacts(life_used=2, end_near=True)), BAD, "end of its life", "replace"),
    (judge_wear(WearFacts(GB, errors=4)), BAD, "4 errors", "Make a backup now"),
    # the pages and the name
    (port_of_kiosk(PortFacts(EVERYWHERE, 80, answers="1.0")), OK, "answer on port 80.", ""),
    (port_of_kiosk(PortFacts("", 80, answers="0.9")), WARN, "of kiosk 0.9", "restart kiosk"),
    (
        port_of_kiosk(PortFacts("", 80, answers="1.0", faults=["store", "clock"])),
        *(
            WARN,
            "They answer on port 80; the kiosk says that not all is well: store, clock.",
            "Now",
        ),
    ),
    (port(PortFacts("", 80, free=True)), OK, "Port 80 is free", ""),
    (port(PortFacts("", 80)), BAD, "Another program", "sport = :80"),
    (port_of_kiosk(PortFacts("", 80)), BAD, "do not answer on port 80", "journalctl"),
    (port(PortFacts("", 80, refused="denied")), BAD, "denied", "8080"),
    (port_of_kiosk(PortFacts("", 0, free=True)), SKIPPED, "any free port", ""),
    (name(resolves=None), OK, "http://kiosk.local/", ""),
    (judge_name("k", 8080, announced=True, resolves=True), OK, "http://k.local:8080/", ""),
    (name(announced=False, resolves=None), WARN, "avahi does not run", "apt install avahi-daemon"),
    (name(resolves=False), WARN, "does not lead here", "hostnamectl"),
    # the board
    (judge_clock(trusted=True, shown="2026-03-27 12:00"), OK, "2026-03-27 12:00", ""),
    (judge_clock(trusted=False, shown="1970-01-01"), WARN, "1970-01-01, and has", "network"),
    (judge_time_zone("Europe/Oslo", chosen=False), OK, "Europe/Oslo", ""),
    (judge_time_zone("UTC", chosen=True), OK, "UTC", ""),
    (judge_time_zone("UTC", chosen=False), WARN, "goes by UTC", "set-timezone"),
    (judge_time_zone("x", chosen=True, error="No such zone."), BAD, "No such zone.", "Settings"),
    (judge_temperature(None), SKIPPED, "does not tell", ""),
    (judge_temperature(48.0), OK, "48 °C.", ""),
    (judge_temperature(76.0), WARN, "76 °C.", "Give it air"),
    (judge_temperature(83.0), BAD, "83 °C. It slows itself down.", "Give it air"),
    (judge_power(None), SKIPPED, "does not tell", ""),
    (judge_power(0x0), OK, "since the start", ""),
    (judge_power(0x50005), BAD, "too low", "power supply"),
    (judge_power(0x50000), WARN, "at times since the start", "power supply"),
    (judge_power(0x80008), WARN, "slow itself down", "gets air"),
    (judge_power(0x20000), OK, "is right", ""),
]


@pytest.mark.parametrize(("finding", "verdict", "what", "do"), VERDICTS)
def test_verdict_and_remedy(finding, verdict, what, do):
    assert (finding.verdict, what in finding.what) == (verdict, True), finding
    assert do in finding.do
    assert bool(finding.do) is (verdict in (WARN, BAD)), "only trouble has something to do"


@pytest.mark.parametrize(
    ("findings", "is_bad", "sentence"),
    [
        ([ok("a", "x."), skipped("b", "y.")], False, "All is well."),
        (
            [ok("a", "x."), warn("b", "y.", "do")],
            *(False, "The kiosk works. 1 of 2 to look at in the next days."),
        ),
        ([bad("a", "x.", "do"), ok("b", "y.")], True, "1 of 2 not right."),
        (
            [bad("a", "x.", "do"), warn("b", "y.", "do")],
            *(True, "1 of 2 not right, and 1 to look at."),
        ),
    ],
)
def test_all_of_it_in_a_sentence(findings, is_bad, sentence):
    assert any_bad(findings) is is_bad
    assert summary(findings) == sentence
