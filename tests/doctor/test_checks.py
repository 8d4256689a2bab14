"""Every check of the self-check: its verdict and the exact thing to do, from files below a root of
the test's own, commands that it answers, and pins, speakers and pages of its own.
"""

import errno
import json
import os
import socket
import sqlite3
import sys
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from gpiozero import PinInvalidState
from gpiozero.pins.mock import MockFactory, MockPWMPin

from kiosk.audio.sound_card import SoundCard
from kiosk.audio.speaker import SilentSpeaker
from kiosk.doctor.board import (
    THERMAL,
    check_power,
    check_temperature,
    judge_clock,
    judge_time_zone,
)
from kiosk.doctor.card import (
    GB,
    MB,
    Mount,
    check_card,
    check_wear,
    judge_free_space,
    judge_mount,
    read_mount,
)
from kiosk.doctor.data import (
    StoreFacts,
    check_backup,
    judge_losses,
    judge_store,
    read_store,
    read_stored_settings,
)
from kiosk.doctor.finding import Verdict, bad, ok, run, skipped, summary, warn
from kiosk.doctor.network import check_name, check_port
from kiosk.doctor.pins import check_button, check_light
from kiosk.doctor.software import (
    check_service,
    check_version,
    judge_packages,
    judge_settings,
    missing,
    required,
)
from kiosk.doctor.sound import (
    LOOPBACK,
    MONITOR,
    TONE,
    check_speaker,
    check_voice,
    find_recorder,
    judge_no_speaker,
)
from kiosk.errors import AudioError, PinError
from kiosk.history.audit import Actor
from kiosk.speech.model import Voice
from kiosk.store.files import StateLock, is_running
from kiosk.store.migrations import MIGRATIONS
from kiosk.system.clock import SystemClock
from kiosk.system.network import loopback_of
from tests.audio.rig import AudioRig, environment
from tests.audit_log import text_entry, text_of
from tests.fakes.clock import FakeClock
from tests.fakes.speech import FakeEngine
from tests.store.kit import NOW as STORED_AT
from tests.store.kit import a_line, fill, household, names_in, opened, picture, spoil_the_end

OK, WARN, BAD, SKIPPED = Verdict
NOW = datetime(2026, 3, 27, 11, tzinfo=UTC)
DAY = timedelta(days=1)
HERE = "127.0.0.1"
EXT4 = Mount("/dev/mmcblk0p2", "ext4", read_only=False)
NEWEST = len(MIGRATIONS)


def check(finding, verdict, what, do=""):
    """Assert a finding: its verdict, a part of its sentence and a part of its remedy."""
    assert (finding.verdict, what in finding.what) == (verdict, True), finding
    assert do in finding.do
    assert bool(finding.do) is (verdict in (WARN, BAD)), "only trouble has something to do"


def answering(**answers):
    """Stands for the system's commands, by the name of each."""
    return lambda command: answers.get(command[0].replace("-", "_"))


def laid(root, **files):
    """Files below `root`; a double underscore in a name stands for a slash."""
    for name, content in files.items():
        path = root / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return root


def loss(days):
    return text_entry(NOW - timedelta(days=days), Actor.KIOSK, f"Lost {days} days ago.")


mounted = partial(judge_mount, "/s", writable=True)

VERDICTS = [
    # finding, its verdict, a part of its sentence, a part of its remedy
    (judge_packages((3, 11, 2), [], 13), OK, "Python 3.11.2, with all 13 packages", ""),
    (judge_packages((3, 11, 2), ["flask"], 13), BAD, "missing: flask", "./install.sh"),
    (judge_packages((3, 9, 1), [], 13), BAD, "3.11 or later", "./install.sh"),
    (judge_settings([], "kiosk.toml"), OK, "can be used", ""),
    (judge_settings(["volume: 900"], "/x/kiosk.toml"), BAD, "volume: 900", "/x/kiosk.toml"),
    (judge_no_speaker(chosen=True), OK, "stays silent", ""),
    (judge_no_speaker(chosen=False), BAD, "no sound card", "usermod -aG audio"),
    # the data; a loss is no warning any more after a month
    (judge_store(StoreFacts(there=False)), OK, "remembers nothing yet", ""),
    (judge_store(StoreFacts(False, unfinished_restore=True)), WARN, "not in its place", "Start"),
    (judge_store(StoreFacts(True, "", "", NEWEST, size=5000)), OK, "is sound (5 kB)", ""),
    (judge_store(StoreFacts(True, "page 3")), BAD, "damaged (page 3)", "restart kiosk"),
    (judge_store(StoreFacts(True, "", "", NEWEST + 1)), BAD, "newer kiosk", "Install"),
    (judge_store(StoreFacts(True, "", "No rights.")), BAD, "No rights.", "sudo kiosk doctor"),
    (judge_store(StoreFacts(True, "", "", NEWEST, True)), WARN, "not in its place", "Start the"),
    (judge_losses([], NOW), OK, "was ever lost", ""),
    (judge_losses([loss(2)], NOW), WARN, "2026-03-25: Lost 2 days ago.", "memory card"),
    (judge_losses([loss(90), loss(31)], NOW), OK, "2 times; the last one 2026-02-24", ""),
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
    # clock and time zone
    (judge_clock(trusted=True, shown="2026-03-27 12:00"), OK, "2026-03-27 12:00", ""),
    (judge_clock(trusted=False, shown="1970-01-01"), WARN, "1970-01-01, and has", "network"),
    (judge_time_zone("Europe/Oslo", chosen=False), OK, "Europe/Oslo", ""),
    (judge_time_zone("UTC", chosen=True), OK, "UTC", ""),
    (judge_time_zone("UTC", chosen=False), WARN, "goes by UTC", "set-timezone"),
    (judge_time_zone("x", chosen=True, error="No such zone."), BAD, "No such zone.", "Settings"),
]


@pytest.mark.parametrize(("finding", "verdict", "what", "do"), VERDICTS)
def test_verdict_and_remedy(finding, verdict, what, do):
    check(finding, verdict, what, do)


@pytest.mark.parametrize(
    ("findings", "sentence"),
    [
        ([ok("a", "x."), skipped("b", "y.")], "All is well."),
        (
            [ok("a", "x."), warn("b", "y.", "do")],
            "The kiosk works. 1 of 2 to look at in the next days.",
        ),
        ([bad("a", "x.", "do"), ok("b", "y.")], "1 of 2 not right."),
        ([bad("a", "x.", "do"), warn("b", "y.", "do")], "1 of 2 not right, and 1 to look at."),
    ],
)
def test_all_of_it_in_a_sentence(findings, sentence):
    assert summary(findings) == sentence


class TestCommands:
    def test_what_it_prints(self):
        assert run(["echo", "so"]) == "so\n"

    @pytest.mark.parametrize("command", [["false"], ["no-such-command"], ["cat", "/nothing/there"]])
    def test_one_that_fails(self, command):
        assert run(command) is None

    def test_one_that_never_ends(self):
        assert run(["sleep", "60"], time_limit=0.05) is None


class TestSoftware:
    def test_every_package_that_the_kiosk_asks_for_is_here(self):
        assert "flask" in required()
        assert missing(required(), raspberry_pi=False) == ()

    def test_one_that_is_not(self):
        gone = missing(["flask", "no-such-package"], raspberry_pi=True, find=lambda _name: None)
        assert gone == ("no-such-package", "lgpio (sudo apt install python3-lgpio)")
        assert required("no-such-package") == ()

    def test_what_system_and_board_call_themselves(self, tmp_path):
        check(check_version("1.0", tmp_path), OK, "kiosk 1.0.")
        laid(tmp_path, **{"etc__os-release": 'NAME=x\nPRETTY_NAME="Debian 12"\n'})
        laid(tmp_path, **{"proc__device-tree__model": "Raspberry Pi 4 Model B\0"})
        what = "kiosk 1.0, Debian 12 on Raspberry Pi 4 Model B."
        check(check_version("1.0", tmp_path), OK, what)

    @pytest.mark.parametrize("answer", [None, "LoadState=not-found\nActiveState=inactive\n"])
    def test_no_service(self, answer):
        ask = answering(systemctl=answer)
        check(check_service(kiosk_runs=False, ask=ask), SKIPPED, "not installed as a service.")
        check(check_service(kiosk_runs=True, ask=ask), SKIPPED, "started by hand runs.")

    @pytest.mark.parametrize(
        ("active", "enabled", "restarts", "expected"),
        [
            ("active", "enabled", 2, (OK, "starts by itself")),
            ("active", "enabled", 7, (WARN, "anew 7 times", "journalctl")),
            ("active", "disabled", 0, (WARN, "would not start", "systemctl enable")),
            ("inactive", "enabled", 0, (BAD, "it is inactive", "systemctl start")),
            ("failed", "enabled", 0, (BAD, "has failed", "systemctl restart kiosk")),
        ],
    )
    def test_the_service(self, active, enabled, restarts, expected):
        answer = f"LoadState=loaded\nActiveState={active}\nUnitFileState={enabled}\n"
        ask = answering(systemctl=f"{answer}NRestarts={restarts}\n")
        check(check_service(kiosk_runs=False, ask=ask), *expected)


class SlowEngine(FakeEngine):
    """Takes its time on a clock."""

    def __init__(self, clock, seconds):
        super().__init__()
        self._clock, self._seconds = clock, seconds

    def render(self, *arguments):
        self._clock.sleep(self._seconds)
        super().render(*arguments)


class TestVoice:
    @pytest.mark.parametrize(
        ("seconds", "expected"),
        [(0.6, (OK, "renders a word in 0.6 s")), (9, (WARN, "9.0 s. That is slow", "top"))],
    )
    def test_a_word(self, seconds, expected):
        clock = FakeClock()
        check(check_voice(SlowEngine(clock, seconds), Voice("en", "", 155), clock), *expected)

    @pytest.mark.parametrize(
        ("engine", "what", "do"),
        [
            (FakeEngine(no_engine="None here."), "None here.", "apt install espeak-ng"),
            (FakeEngine(per_character=5), "silence", "another voice"),
        ],
    )
    def test_no_word(self, engine, what, do):
        check(check_voice(engine, Voice("en", "", 155), FakeClock()), BAD, what, do)


def recorder(program):
    """A command that runs a line of Python."""
    return [sys.executable, "-c", f"import os, time; {program}"]


class TestSpeaker:
    """A tone is played, and heard where the machine can hear itself."""

    def test_it_listens_to_what_there_is(self, tmp_path):
        assert find_recorder(lambda _command: None, tmp_path) is None
        assert find_recorder(lambda _command: "Server Name: x", tmp_path) == MONITOR
        (tmp_path / "proc/asound/Loopback").mkdir(parents=True)
        assert find_recorder(lambda _command: None, tmp_path) == LOOPBACK

    @pytest.mark.parametrize(
        ("volume", "expected"),
        [(80, (OK, ", and heard.")), (0, (BAD, "nothing of it was heard", "alsamixer"))],
    )
    def test_a_tone_on_a_real_sound_path(self, volume, expected):
        with AudioRig() as rig, environment(rig.env):
            check(check_speaker(SoundCard(), volume, 100, SystemClock()), *expected)

    @pytest.mark.parametrize(
        ("command", "expected"),
        [
            (None, (OK, "on no speaker. Nothing here can listen")),
            (["no-such-recorder"], (OK, "Nothing here can listen")),
            (recorder("pass"), (OK, "Nothing here can listen")),
            (recorder("os.write(1, bytes([0, 0, 1, 128, 9])); time.sleep(60)"), (OK, "and heard.")),
            (
                recorder("os.write(1, bytes([0, 0, 226, 255])); time.sleep(60)"),
                (WARN, "very faintly", "alsamixer"),
            ),
        ],
        ids=["none", "not-there", "silent", "loud", "faint"],
    )
    def test_whatever_becomes_of_the_recorder(self, command, expected):
        speaker = SilentSpeaker(FakeClock())
        check(check_speaker(speaker, 80, 0, SystemClock(), lambda: command), *expected)

    def test_a_speaker_that_does_not_open(self):
        class Gone(SilentSpeaker):
            def open(self):
                raise AudioError("It is gone.")

        finding = check_speaker(Gone(FakeClock()), 80, 0, FakeClock(), lambda: None)
        check(finding, BAD, "It is gone.", "plug")
        assert max(TONE) > 100


class PressingClock:
    """A clock that presses the button as time goes by: a string of `1` and `0` for each wait."""

    def __init__(self, factory, *presses):
        self._clock = FakeClock()
        self._pin = factory.pin(17)
        self._presses = list(presses)
        self.now = self._clock.now

    def sleep(self, seconds):
        self._clock.sleep(seconds)
        for press in self._presses.pop(0) if self._presses else "":
            self._pin.drive_low() if press == "1" else self._pin.drive_high()


class Grounded(MockPWMPin):
    """A pin whose wire touches ground."""

    def _set_pull(self, value):
        super()._set_pull(value)
        self.drive_low()


class Numb(MockPWMPin):
    """A pin that can be had, but does not shine."""

    def _set_state(self, value):
        if value:
            raise PinInvalidState("no PWM")
        super()._set_state(value)


def no_pins():
    raise PinError("There are none.")


class TestPins:
    @pytest.mark.parametrize(
        ("pin", "presses", "expected"),
        [
            (MockPWMPin, (), (BAD, "No press arrived on GPIO 17 in 20 seconds", "on ground")),
            (MockPWMPin, ("0", "1"), (OK, "A press arrived on GPIO 17.")),
            (MockPWMPin, ("1", "0"), (OK, "A press arrived on GPIO 17.")),
            (MockPWMPin, ("1", "01" * 45), (WARN, "with 91 chatters", "debounce_ms")),
            (Grounded, (), (BAD, "GPIO 17 was down all the time", "Pull one")),
            (Grounded, ("0", "1", "0"), (OK, "A press arrived")),
        ],
    )
    def test_a_press_is_waited_for(self, pin, presses, expected):
        factory = MockFactory(pin_class=pin)
        clock = PressingClock(factory, *presses)
        began = clock.now()
        check(check_button(lambda: factory, 17, clock), *expected)
        assert (clock.now() - began > 19) is (not presses)

    def test_pins_that_cannot_be_used(self):
        check(check_button(no_pins, 17, FakeClock()), BAD, "There are none.", "`pin`")
        check(check_light(no_pins, 22, FakeClock()), BAD, "There are none.", "led_pin")

    def test_a_light_that_does_not_obey(self):
        factory = MockFactory(pin_class=Numb)
        assert check_light(lambda: factory, 22, FakeClock()).what == (
            "GPIO 22 does not do as it is told. See that no other program uses it (`gpioinfo` "
            "names it), then restart the kiosk."
        )

    def test_the_light_shines_and_goes_out(self):
        factory = MockFactory(pin_class=MockPWMPin)
        check(check_light(lambda: factory, 22, FakeClock()), OK, "GPIO 22 was lit")
        assert [state.state for state in factory.pin(22).states][-2:] == [1.0, 0.0]


backup = partial(check_backup, anything_stored=True)


class TestData:
    def test_nothing_yet(self, tmp_path):
        assert read_store(tmp_path / "none") == StoreFacts(there=False)
        assert read_stored_settings(tmp_path) == {}
        finding = check_backup(tmp_path, NOW, anything_stored=False)
        check(finding, SKIPPED, "nothing to back up")

    def test_what_is_kept_while_the_kiosk_runs_and_nothing_changes(self, tmp_path):
        with StateLock.take(household(tmp_path, "ours")), opened(tmp_path) as store:
            store.settings.set({"volume": "70"}, Actor.PAGE, STORED_AT)
            check(backup(tmp_path, STORED_AT), WARN, "no backup yet", "kiosk backup")
            store.backup_if_due(STORED_AT)
            before = picture(tmp_path)
            size = (tmp_path / "kiosk.db").stat().st_size
            assert read_store(tmp_path) == StoreFacts(True, "", "", NEWEST, size=size)
            assert read_stored_settings(tmp_path) == {"volume": "70"}
            check(backup(tmp_path, STORED_AT + DAY), OK, f"{STORED_AT:%Y-%m-%d %H:%M} UTC")
            check(backup(tmp_path, STORED_AT + 9 * DAY), WARN, "9 days", "each night")
            assert picture(tmp_path) == before
            store.audit.add(a_line("Still at work."))

    def test_damage_is_told_and_left_alone(self, tmp_path):
        fill(tmp_path)
        spoil_the_end(tmp_path / "kiosk.db")
        before = picture(tmp_path)
        assert read_store(tmp_path).fault
        (tmp_path / "kiosk.db").write_bytes(b"")
        assert "another program's" in read_store(tmp_path).fault
        (tmp_path / "kiosk.db").write_bytes(before["kiosk.db"][0])
        assert names_in(tmp_path) == list(before)

    def test_what_was_lost_is_told_later(self, tmp_path):
        (tmp_path / "kiosk.db").write_bytes(b"garbage")
        with opened(tmp_path):
            (lost,) = read_store(tmp_path).losses
        assert "was damaged" in text_of(lost)

    def test_data_of_a_newer_kiosk_and_a_restore_that_was_cut_off(self, tmp_path):
        with opened(tmp_path):
            pass
        with closing(sqlite3.connect(tmp_path / "kiosk.db")) as connection:
            connection.execute("PRAGMA user_version = 30")
        (tmp_path / "restore.ready").mkdir()
        facts = read_store(tmp_path)
        assert (facts.version, facts.unfinished_restore) == (30, True)

    def test_whether_a_kiosk_runs_is_seen_without_touching_its_lock(self, tmp_path):
        assert is_running(tmp_path) is False
        with StateLock.take(tmp_path):
            assert is_running(tmp_path) is True
        assert is_running(tmp_path) is False
        assert is_running(tmp_path, root=tmp_path / "none") is None


MOUNTS = """\
/dev/mmcblk0p2 / ext4 rw,noatime 0 0
tmpfs /run tmpfs rw 0 0
overlay /var/lib overlay rw,lowerdir=/a 0 0
/dev/sda1 /media/my\\040stick vfat ro,nosuid 0 0
"""

WRITTEN = "sys__fs__ext4__mmcblk0p2__lifetime_write_kbytes"
ERRORS = "sys__fs__ext4__mmcblk0p2__errors_count"
LIFE = "sys__block__mmcblk0__device__life_time"
SPARE = "sys__block__mmcblk0__device__pre_eol_info"


class TestCard:
    @pytest.mark.parametrize(
        ("folder", "mount"),
        [
            ("/home/pi", Mount("/dev/mmcblk0p2", "ext4", False)),
            ("/var/lib/kiosk", Mount("overlay", "overlay", False)),
            ("/var/library", Mount("/dev/mmcblk0p2", "ext4", False)),
            ("/media/my stick/state", Mount("/dev/sda1", "vfat", True)),
        ],
    )
    def test_what_a_folder_lies_on(self, tmp_path, folder, mount):
        laid(tmp_path, proc__mounts=MOUNTS)
        assert read_mount(tmp_path.joinpath(folder).absolute(), tmp_path) == mount

    def test_the_last_mount_on_a_point_hides_the_others(self, tmp_path):
        laid(tmp_path, proc__mounts=f"{MOUNTS}tmpfs /var/lib tmpfs rw 0 0\n")
        assert read_mount(tmp_path.joinpath("/var/lib/kiosk"), tmp_path).kind == "tmpfs"

    def test_a_system_that_does_not_tell(self, tmp_path):
        assert read_mount(tmp_path, tmp_path / "none") is None
        check(check_wear(None), SKIPPED, "does not tell")
        check(check_wear(Mount("tmpfs", "tmpfs", False)), SKIPPED, "does not tell")

    def test_room_and_rights_are_those_of_the_nearest_folder(self, tmp_path):
        mount, room, _ = check_card(tmp_path / "not" / "yet")
        assert "cannot be written to" not in mount.what
        assert " GB are free." in room.what

    @pytest.mark.parametrize(
        ("files", "expected"),
        [
            ({}, (SKIPPED, "does not tell")),
            ({WRITTEN: 27_000_000}, (OK, "28 GB were written")),
            ({WRITTEN: 20_000_000_000}, (WARN, "20480 GB", "kiosk backup")),
            ({LIFE: "0x02 0x03"}, (OK, "at most 30 % of its life")),
            ({LIFE: "0x09 0x01"}, (WARN, "at most 90 %", "replace the memory card")),
            ({LIFE: "0x0b 0x01"}, (BAD, "end of its life", "replace")),
            ({LIFE: "0x02 0x01", SPARE: "0x03"}, (BAD, "end of its life", "replace")),
            ({LIFE: "0x02 0x01", SPARE: "0x01"}, (OK, "at most 20 %")),
            ({WRITTEN: 1_000_000, ERRORS: 4}, (BAD, "4 errors", "Make a backup now")),
            ({WRITTEN: 1_000_000, ERRORS: 0}, (OK, "1 GB")),
        ],
    )
    def test_wear(self, tmp_path, files, expected):
        laid(tmp_path, **{EXT4.device.lstrip("/"): ""})
        laid(tmp_path, **{file: f"{content}\n" for file, content in files.items()})
        laid(
            tmp_path,
            sys__block__mmcblk0__mmcblk0p2__partition="2\n",
            sys__block__mmcblk0__mmcblk0p2__size="62500000\n",
        )
        (tmp_path / "sys/class/block").mkdir(parents=True)
        link = tmp_path / "sys/class/block/mmcblk0p2"
        link.symlink_to("../../block/mmcblk0/mmcblk0p2")
        check(check_wear(EXT4, tmp_path), *expected)


class Pages(BaseHTTPRequestHandler):
    """Answers as a kiosk does, or as `server.answer` has it."""

    def do_GET(self):
        body = self.server.answer.encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Not told."""


@pytest.fixture
def pages():
    with HTTPServer((HERE, 0), Pages) as server:
        server.answer = json.dumps({"version": "1.0", "status": "ok", "trouble": []})
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


check_port_beside = partial(check_port, kiosk_runs=True, own_version="1.0")
check_port_alone = partial(check_port, kiosk_runs=False, own_version="1.0")


class TestNetwork:
    @pytest.mark.parametrize("host", [HERE, "", "0.0.0.0"])  # noqa: S104 - asked, not served on
    def test_a_kiosk_answers_on_all_addresses_or_one(self, pages, host):
        port = pages.server_port
        check(check_port_beside(host, port), OK, f"answer on port {port}.")
        pages.answer = json.dumps({"version": "0.9", "trouble": []})
        check(check_port_beside(host, port), WARN, "of kiosk 0.9", "restart kiosk")

    def test_a_kiosk_answers_that_is_not_well(self, pages):
        pages.answer = json.dumps({"version": "1.0", "trouble": ["store", "clock"]})
        port = pages.server_port
        what = f"They answer on port {port}; the kiosk says that not all is well: store, clock."
        check(check_port_beside(HERE, port), WARN, what, "Now")

    def test_on_all_addresses_of_the_newer_kind_too_it_is_knocked_at_one_of_those(self):
        assert (loopback_of("::"), loopback_of("192.168.1.9")) == ("::1", "192.168.1.9")

    @pytest.mark.parametrize("answer", ["hello", "[]", '{"version": 1}', ""])
    def test_another_program_answers(self, pages, answer):
        pages.answer = answer
        port = pages.server_port
        check(check_port_alone(HERE, port), BAD, "Another program", f"sport = :{port}")

    def test_nobody_answers(self):
        with socket.socket() as taken:
            taken.bind((HERE, 0))
            port = taken.getsockname()[1]
            check(check_port_alone(HERE, port), BAD, "Another program", f"sport = :{port}")
        check(check_port_alone(HERE, port), OK, f"Port {port} is free")
        check(check_port_beside(HERE, port), BAD, f"do not answer on port {port}", "journalctl")
        check(check_port_beside("", 0), SKIPPED, "any free port")

    def test_an_address_that_is_not_here(self):
        # Link-local without its interface, so that nobody waits for an answer.
        why = f"could not be on port 80 of fe80::1: {os.strerror(errno.EINVAL)}."
        check(check_port_alone("fe80::1", 80), BAD, why, "8080")

    def test_nobody_announces_the_name(self, tmp_path):
        finding = check_name("kiosk", 80, answering(), tmp_path)
        check(finding, WARN, "avahi does not run", "apt install avahi-daemon")

    @pytest.mark.parametrize(
        ("answer", "port", "expected"),
        [
            (None, 80, (OK, "http://kiosk.local/")),
            ("kiosk.local\t192.168.1.9\n", 8080, (OK, "http://kiosk.local:8080/")),
            ("kiosk.local\t192.168.1.4\n", 80, (WARN, "does not lead here", "hostnamectl")),
        ],
    )
    def test_where_the_name_leads(self, tmp_path, answer, port, expected):
        laid(tmp_path, **{"run__avahi-daemon__socket": ""})
        ask = answering(avahi_resolve=answer, hostname="192.168.1.9 10.0.0.2 \n")
        check(check_name("kiosk", port, ask, tmp_path), *expected)


class TestBoard:
    def test_a_machine_that_tells_nothing(self, tmp_path):
        check(check_temperature(tmp_path), SKIPPED, "does not tell")
        check(check_power(answering(), tmp_path), SKIPPED, "does not tell")

    @pytest.mark.parametrize(
        ("millidegrees", "expected"),
        [
            (48_312, (OK, "48 °C.")),
            (76_000, (WARN, "76 °C.", "Give it air")),
            (83_000, (BAD, "83 °C. It slows itself down.", "Give it air")),
        ],
    )
    def test_its_temperature(self, tmp_path, millidegrees, expected):
        laid(tmp_path, **{THERMAL.replace("/", "__"): f"{millidegrees}\n"})
        check(check_temperature(tmp_path), *expected)

    @pytest.mark.parametrize(
        ("flags", "expected"),
        [
            ("0", (OK, "since the start")),
            ("50005", (BAD, "too low", "power supply")),
            ("50000", (WARN, "at times since the start", "power supply")),
            ("80008", (WARN, "slow itself down", "gets air")),
            ("20000", (OK, "is right")),
        ],
    )
    def test_its_power_by_file_and_by_command(self, tmp_path, flags, expected):
        ask = answering(vcgencmd=f"throttled=0x{flags}\n")
        check(check_power(ask, tmp_path), *expected)
        laid(tmp_path, **{"sys__devices__platform__soc__soc:firmware__get_throttled": flags})
        check(check_power(answering(), tmp_path), *expected)

    def test_its_power_by_the_alarm_of_its_driver(self, tmp_path):
        laid(tmp_path, sys__class__hwmon__hwmon0__name="cpu_thermal\n")
        laid(tmp_path, sys__class__hwmon__hwmon0__in0_lcrit_alarm="1\n")
        check(check_power(answering(), tmp_path), SKIPPED, "does not tell")
        laid(tmp_path, sys__class__hwmon__hwmon1__name="rpi_volt\n")
        laid(tmp_path, sys__class__hwmon__hwmon1__in0_lcrit_alarm="1\n")
        check(check_power(answering(), tmp_path), BAD, "too low", "power supply")
