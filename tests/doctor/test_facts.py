"""Where the facts come from: files below a root of the test's own, and commands that it answers."""

import json
import os
import socket
import sqlite3
import threading
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from gpiozero import PinInvalidState
from gpiozero.pins.mock import MockFactory, MockPWMPin

from kiosk.doctor.board import THERMAL, read_celsius, read_throttled
from kiosk.doctor.card import Mount, WearFacts, check_card, is_writable, read_mount, read_wear
from kiosk.doctor.data import (
    StoreFacts,
    read_newest_backup,
    read_store,
    read_stored_settings,
)
from kiosk.doctor.finding import run
from kiosk.doctor.network import PortFacts, is_announced, probe_port, resolves
from kiosk.doctor.pins import ButtonFacts, await_press, flash_light
from kiosk.doctor.software import ServiceFacts, missing, read_service, required, system_name
from kiosk.doctor.sound import render_word
from kiosk.errors import PinError
from kiosk.hardware.board import board_name
from kiosk.history.audit import Actor
from kiosk.speech.model import Voice
from kiosk.store.files import StateLock, is_running
from kiosk.system.network import loopback_of
from tests.audit_log import text_of
from tests.fakes.clock import FakeClock
from tests.fakes.speech import FakeEngine
from tests.store.kit import NOW, a_line, fill, household, names_in, opened, picture, spoil_the_end

HERE = "127.0.0.1"


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
        assert (system_name(tmp_path), board_name(tmp_path)) == ("", "")
        laid(tmp_path, **{"etc__os-release": 'NAME=x\nPRETTY_NAME="Debian 12"\n'})
        laid(tmp_path, **{"proc__device-tree__model": "Raspberry Pi 4 Model B\0"})
        assert system_name(tmp_path) == "Debian 12"
        assert board_name(tmp_path) == "Raspberry Pi 4 Model B"

    @pytest.mark.parametrize(
        ("answer", "facts"),
        [
            (None, None),
            ("LoadState=not-found\nActiveState=inactive\n", ServiceFacts(False, "inactive")),
            (
                "LoadState=loaded\nActiveState=active\nUnitFileState=enabled\nNRestarts=2\n",
                ServiceFacts(True, "active", True, 2),
            ),
        ],
    )
    def test_what_systemd_says(self, answer, facts):
        assert read_service(answering(systemctl=answer)) == facts


class TestVoice:
    def test_a_word(self):
        facts = render_word(FakeEngine(), Voice("en", "", 155), FakeClock())
        assert facts.error == ""
        assert facts.length > 0.1

    def test_no_engine(self):
        facts = render_word(FakeEngine(no_engine="None here."), Voice("en", "", 155), FakeClock())
        assert (facts.error, facts.length) == ("None here.", 0.0)


class Finger:
    """A clock that presses the button as time goes by."""

    def __init__(self, factory, presses):
        self._clock = FakeClock()
        self._pin = factory.pin(17)
        self._presses = list(presses)
        self.now = self._clock.now

    def sleep(self, seconds):
        self._clock.sleep(seconds)
        if self._presses:
            self._pin.drive_low() if self._presses.pop(0) else self._pin.drive_high()


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


class TestPins:
    @pytest.mark.parametrize(
        ("presses", "facts"),
        [
            ([], ButtonFacts(17)),
            ([False, True], ButtonFacts(17, pressed=True, edges=1)),
            ([True, False], ButtonFacts(17, pressed=True, edges=2)),
        ],
    )
    def test_a_press_is_waited_for(self, presses, facts):
        factory = MockFactory(pin_class=MockPWMPin)
        finger = Finger(factory, presses)
        began = finger.now()
        assert await_press(lambda: factory, 17, finger) == facts
        assert (finger.now() - began > 19) is (not facts.pressed)

    def test_one_that_is_stuck(self):
        factory = MockFactory(pin_class=Grounded)
        assert await_press(lambda: factory, 17, FakeClock()) == ButtonFacts(17, down_at_first=True)

    def test_pins_that_cannot_be_used(self):
        def none():
            raise PinError("There are none.")

        assert await_press(none, 17, FakeClock()).error == "There are none."
        assert flash_light(none, 22, FakeClock()) == "There are none."

    def test_a_light_that_does_not_obey(self):
        factory = MockFactory(pin_class=Numb)
        assert flash_light(lambda: factory, 22, FakeClock()) == (
            "GPIO 22 does not do as it is told. See that no other program uses it (`gpioinfo` "
            "names it), then restart the kiosk."
        )

    def test_the_light_shines_and_goes_out(self):
        factory = MockFactory(pin_class=MockPWMPin)
        assert flash_light(lambda: factory, 22, FakeClock()) == ""
        assert [state.state for state in factory.pin(22).states][-2:] == [1.0, 0.0]


class TestData:
    def test_nothing_yet(self, tmp_path):
        assert read_store(tmp_path / "none") == StoreFacts(there=False)
        assert read_stored_settings(tmp_path) == {}
        assert read_newest_backup(tmp_path) is None

    def test_what_is_kept_while_the_kiosk_runs_and_nothing_changes(self, tmp_path):
        with StateLock.take(household(tmp_path, "ours")), opened(tmp_path) as store:
            store.settings.set({"volume": "70"}, Actor.PAGE, NOW)
            store.backup_if_due(NOW)
            before = picture(tmp_path)
            facts = read_store(tmp_path)
            assert (facts.fault, facts.unreadable, facts.losses) == ("", "", ())
            assert facts.version == facts.newest_known
            assert facts.size == (tmp_path / "kiosk.db").stat().st_size
            assert read_stored_settings(tmp_path) == {"volume": "70"}
            assert read_newest_backup(tmp_path) == NOW
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
            (loss,) = read_store(tmp_path).losses
        assert "was damaged" in text_of(loss)

    def test_data_of_a_newer_kiosk(self, tmp_path):
        with opened(tmp_path):
            pass
        with closing(sqlite3.connect(tmp_path / "kiosk.db")) as connection:
            connection.execute("PRAGMA user_version = 30")
        assert read_store(tmp_path).version == 30

    def test_a_restore_that_was_cut_off(self, tmp_path):
        with opened(tmp_path):
            pass
        (tmp_path / "restore.ready").mkdir()
        assert read_store(tmp_path).unfinished_restore

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
        assert read_wear(None) is None
        assert read_wear(Mount("tmpfs", "tmpfs", False)) is None

    def test_room_and_rights_are_those_of_the_nearest_folder(self, tmp_path):
        folder = tmp_path / "not" / "yet"
        assert is_writable(folder)
        _, room, _ = check_card(folder)
        assert " GB are free." in room.what

    def test_wear(self, tmp_path):
        card = EXT4.device.lstrip("/")
        laid(tmp_path, **{card: ""})
        assert read_wear(EXT4, tmp_path) is None
        laid(
            tmp_path,
            sys__fs__ext4__mmcblk0p2__lifetime_write_kbytes="2000\n",
            sys__fs__ext4__mmcblk0p2__errors_count="3\n",
            sys__block__mmcblk0__device__life_time="0x02 0x04\n",
            sys__block__mmcblk0__device__pre_eol_info="0x03\n",
            sys__block__mmcblk0__mmcblk0p2__partition="2\n",
            sys__block__mmcblk0__mmcblk0p2__size="1000\n",
        )
        (tmp_path / "sys/class/block").mkdir(parents=True)
        link = tmp_path / "sys/class/block/mmcblk0p2"
        link.symlink_to("../../block/mmcblk0/mmcblk0p2")
        assert read_wear(EXT4, tmp_path) == WearFacts(2_048_000, 512_000, 3, 4, end_near=True)


EXT4 = Mount("/dev/mmcblk0p2", "ext4", read_only=False)


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
        server.answer = json.dumps({"version": "1.0", "status": "degraded", "trouble": ["store"]})
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


class TestNetwork:
    def test_a_kiosk_answers(self, pages):
        port = pages.server_port
        assert probe_port(HERE, port) == PortFacts(HERE, port, answers="1.0", faults=("store",))

    @pytest.mark.parametrize("everywhere", ["", "0.0.0.0"])  # noqa: S104 - asked, not served on
    def test_one_that_listens_on_all_addresses_answers(self, pages, everywhere):
        facts = probe_port(everywhere, pages.server_port)
        assert (facts.answers, facts.faults) == ("1.0", ("store",))

    def test_on_all_addresses_of_the_newer_kind_too_it_is_knocked_at_one_of_those(self):
        assert (loopback_of("::"), loopback_of("192.168.1.9")) == ("::1", "192.168.1.9")

    @pytest.mark.parametrize("answer", ["hello", "[]", '{"version": 1}', ""])
    def test_another_program_answers(self, pages, answer):
        pages.answer = answer
        assert probe_port(HERE, pages.server_port) == PortFacts(HERE, pages.server_port)

    def test_nobody_answers(self):
        with socket.socket() as taken:
            taken.bind((HERE, 0))
            port = taken.getsockname()[1]
            assert probe_port(HERE, port) == PortFacts(HERE, port)
        assert probe_port(HERE, port) == PortFacts(HERE, port, free=True)

    def test_an_address_that_is_not_here(self):
        facts = probe_port("192.0.2.1", 0)
        assert (facts.free, facts.refused) == (False, os.strerror(99))

    def test_the_name(self, tmp_path):
        assert not is_announced(tmp_path)
        laid(tmp_path, **{"run__avahi-daemon__socket": ""})
        assert is_announced(tmp_path)

    @pytest.mark.parametrize(
        ("answer", "leads_here"),
        [(None, None), ("kiosk.local\t192.168.1.9\n", True), ("kiosk.local\t192.168.1.4\n", False)],
    )
    def test_where_the_name_leads(self, answer, leads_here):
        ask = answering(avahi_resolve=answer, hostname="192.168.1.9 10.0.0.2 \n")
        assert resolves("kiosk", ask) is leads_here


class TestBoard:
    def test_a_machine_that_tells_nothing(self, tmp_path):
        assert read_celsius(tmp_path) is None
        assert read_throttled(answering(), tmp_path) is None

    def test_by_its_files(self, tmp_path):
        laid(tmp_path, **{THERMAL.replace("/", "__"): "48312\n"})
        laid(tmp_path, **{"sys__devices__platform__soc__soc:firmware__get_throttled": "50005\n"})
        assert read_celsius(tmp_path) == 48.312
        assert read_throttled(answering(), tmp_path) == 0x50005

    def test_by_the_alarm_of_its_driver(self, tmp_path):
        laid(tmp_path, sys__class__hwmon__hwmon0__name="cpu_thermal\n")
        laid(tmp_path, sys__class__hwmon__hwmon0__in0_lcrit_alarm="1\n")
        assert read_throttled(answering(), tmp_path) is None
        laid(tmp_path, sys__class__hwmon__hwmon1__name="rpi_volt\n")
        laid(tmp_path, sys__class__hwmon__hwmon1__in0_lcrit_alarm="1\n")
        assert read_throttled(answering(), tmp_path) == 1

    def test_by_its_command(self, tmp_path):
        ask = answering(vcgencmd="throttled=0x50000\n")
        assert read_throttled(ask, tmp_path) == 0x50000
