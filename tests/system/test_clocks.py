"""Clocks: what every one does, the time of day and when it is trusted, and the time zone."""

import ctypes
import logging
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk.clock import Clock, WallClock
from kiosk.errors import SettingsError
from kiosk.locale.problems import error_text
from kiosk.system.clock import EARLIEST, SystemClock, SystemWallClock, ask_kernel
from kiosk.system.time_zone import zone_of
from tests.fakes.clock import FakeClock
from tests.fakes.wall_clock import FakeWallClock

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


class TestEveryWallClock:
    """What the system's clock and the one that jumps have in common."""

    @pytest.fixture(
        params=[
            lambda: SystemWallClock(False),
            lambda: FakeWallClock(NOON),
            lambda: FakeWallClock(NOON.astimezone(), clock=FakeClock()),
        ]
    )
    def clock(self, request: pytest.FixtureRequest) -> WallClock:
        made: WallClock = request.param()
        return made

    def test_it_shows_utc(self, clock: WallClock):
        assert clock.utc().tzinfo is UTC

    def test_it_does_not_run_backwards_by_itself(self, clock: WallClock):
        assert clock.utc() <= clock.utc()

    def test_it_is_trusted(self, clock: WallClock):
        assert clock.trusted()

    def test_any_thread_may_ask(self, clock: WallClock):
        heard: list[bool] = []
        thread = threading.Thread(target=lambda: heard.append(clock.trusted()))

        thread.start()
        thread.join()

        assert heard == [True]


class Board:
    """A Raspberry Pi or another machine whose kernel, files and time a test sets."""

    def __init__(self, folder: Path, *, is_pi: bool, time: datetime = NOON) -> None:
        self.time = time
        self.kernel_says = False
        self.synchronised = folder / "synchronized"
        self.battery_clock = folder / "since_epoch"
        self.clock = SystemWallClock(
            is_pi,
            now=lambda: self.time,
            kernel_synchronised=lambda: self.kernel_says,
            synchronised=self.synchronised,
            battery_clock=self.battery_clock,
        )


@pytest.fixture
def pi(tmp_path: Path) -> Board:
    return Board(tmp_path, is_pi=True)


class TestOnARaspberryPi:
    def test_it_waits_for_the_time_from_the_network(self, pi: Board):
        assert not pi.clock.trusted()

        pi.kernel_says = True
        assert pi.clock.trusted()

    def test_systemd_s_word_counts_where_the_kernel_may_not_be_asked(self, pi: Board):
        pi.synchronised.touch()

        assert pi.clock.trusted()

    def test_a_day_without_network_does_not_matter_any_more(self, pi: Board):
        pi.kernel_says = True
        assert pi.clock.trusted()

        pi.kernel_says = False
        pi.time += timedelta(days=1)
        assert pi.clock.trusted()

    @pytest.mark.parametrize("off", [timedelta(0), timedelta(minutes=2), timedelta(minutes=-2)])
    def test_a_clock_with_a_battery_is_as_good(self, pi: Board, off: timedelta):
        pi.battery_clock.write_text(f"{(NOON + off).timestamp():.0f}\n")

        assert pi.clock.trusted()

    @pytest.mark.parametrize(
        "shown",
        [
            "57",  # a Raspberry Pi 5 without a battery, a minute after it was switched on
            "946684800",  # a chip that starts at 2000
            str(round((NOON + timedelta(minutes=3)).timestamp())),
            str(round((NOON - timedelta(minutes=3)).timestamp())),
            "9" * 30,
            "",
            "no time",
        ],
    )
    def test_a_clock_that_shows_another_time_is_not(self, pi: Board, shown: str):
        pi.battery_clock.write_text(shown)

        assert not pi.clock.trusted()

    def test_the_battery_clock_gives_no_trust_for_later(self, pi: Board):
        pi.battery_clock.write_text(f"{NOON.timestamp():.0f}")
        assert pi.clock.trusted()

        pi.time += timedelta(days=400)
        assert not pi.clock.trusted()

    @pytest.mark.parametrize("year", [1970, 2000, 2023])
    def test_a_time_before_any_kiosk_was_made_is_wrong_whoever_says_so(self, pi: Board, year: int):
        pi.kernel_says = True
        assert pi.clock.trusted()

        pi.time = datetime(year, 12, 31, 23, 59, tzinfo=UTC)
        assert not pi.clock.trusted()
        pi.time = NOON
        assert pi.clock.trusted()


@pytest.mark.parametrize(
    ("time", "trusted"),
    [(EARLIEST, True), (EARLIEST - timedelta(seconds=1), False), (NOON.replace(year=9999), True)],
)
def test_another_machine_keeps_the_time_while_it_is_off(
    time: datetime, trusted: bool, tmp_path: Path
):
    assert Board(tmp_path, is_pi=False, time=time).clock.trusted() is trusted


def test_the_kernel_says_the_same_in_another_way():
    # ntp_gettime has a structure of its own; it returns TIME_ERROR where nobody set the clock.
    error = ctypes.CDLL(None).ntp_gettime(ctypes.create_string_buffer(256))

    assert ask_kernel() is (error != 5)


# The time zone


EXPECTED = (
    "Expected a name like Europe/Oslo or UTC (`timedatectl list-timezones` lists all), or nothing"
    " for the system's."
)

SILENT = (
    "The system does not say in which time zone it is, so times of day are in UTC. Set `time_zone`,"
    " to Europe/Oslo for example."
)


@pytest.fixture
def system(tmp_path: Path) -> Path:
    """The root of a machine that says nothing about its time zone."""
    (tmp_path / "etc").mkdir()
    return tmp_path


def link(system: Path, target: str) -> None:
    (system / "etc/localtime").symlink_to(target)


def test_a_zone_that_is_set_goes_before_the_system_s(system: Path):
    link(system, "/usr/share/zoneinfo/Asia/Tokyo")

    assert zone_of("Europe/Oslo", {"TZ": "UTC"}, system).key == "Europe/Oslo"


@pytest.mark.parametrize("value", ["Asia/Tokyo", ":Asia/Tokyo", "/usr/share/zoneinfo/Asia/Tokyo"])
def test_the_environment_goes_before_the_files(value: str, system: Path):
    link(system, "/usr/share/zoneinfo/Europe/Oslo")

    assert zone_of("", {"TZ": value}, system).key == "Asia/Tokyo"


@pytest.mark.parametrize("value", ["", "CET-1CEST,M3.5.0,M10.5.0/3", "/etc/passwd", "No/Where"])
def test_an_environment_that_names_no_zone_does_not_count(value: str, system: Path):
    link(system, "/usr/share/zoneinfo/Europe/Oslo")

    assert zone_of("", {"TZ": value}, system).key == "Europe/Oslo"


@pytest.mark.parametrize(
    "target",
    [
        "/usr/share/zoneinfo/America/Argentina/Ushuaia",
        "../usr/share/zoneinfo/America/Argentina/Ushuaia",
    ],
)
def test_the_link_that_the_system_follows(target: str, system: Path):
    link(system, target)
    (system / "etc/timezone").write_text("Asia/Tokyo\n")

    assert zone_of("", {}, system).key == "America/Argentina/Ushuaia"


def test_where_the_link_is_a_copy_the_name_stands_in_a_file(system: Path):
    (system / "etc/localtime").write_bytes(b"TZif")
    (system / "etc/timezone").write_text("Asia/Tokyo\n")

    assert zone_of("", {}, system).key == "Asia/Tokyo"


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"Mars/Phobos\n", b"Europe\n"])
def test_a_system_that_does_not_say_is_in_utc_and_the_log_says_so(
    content: bytes, system: Path, caplog: pytest.LogCaptureFixture
):
    (system / "etc/timezone").write_bytes(content)

    assert zone_of("", {}, system).key == "UTC"
    assert caplog.record_tuples == [("kiosk.system.time_zone", logging.WARNING, SILENT)]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("europe/oslo", "Europe/Oslo"),
        ("Oslo", "Europe/Oslo"),
        ("New York", "America/New_York"),
        ("Kiev", "Europe/Kiev"),
        ("Asia/Katmandou", "Asia/Katmandu or Asia/Kathmandu"),
        ("Mars/Phobos", ""),
        ("Europe", ""),
        ("../../etc/passwd", ""),
        ("/usr/share/zoneinfo/Europe/Oslo", ""),
    ],
)
def test_a_zone_that_does_not_exist_is_told_with_those_that_were_meant(
    name: str, meant: str, system: Path
):
    with pytest.raises(SettingsError) as error:
        zone_of(name, {}, system)

    hint = f" Did you mean {meant}?" if meant else ""
    assert error_text(error.value) == (
        f"time_zone: There is no time zone {name!r}. {EXPECTED}{hint}"
    )


def test_a_name_of_any_length_is_told_in_short(system: Path):
    with pytest.raises(SettingsError) as error:
        zone_of("x" * 10_000, {}, system)

    sentence = f"There is no time zone '{'x' * 59}…'. {EXPECTED}"
    assert error_text(error.value) == f"time_zone: {sentence}"


# Every clock, the machine's own and the one that jumps


@pytest.fixture(params=[SystemClock, FakeClock])
def clock(request: pytest.FixtureRequest) -> Clock:
    made: Clock = request.param()
    return made


def test_time_has_passed_after_a_sleep(clock: Clock):
    before = clock.now()

    clock.sleep(0.01)

    assert clock.now() >= before + 0.01


@pytest.mark.parametrize("seconds", [0.0, -5.0])
def test_there_is_no_sleeping_backwards(clock: Clock, seconds: float):
    before = clock.now()

    clock.sleep(seconds)

    assert 0 <= clock.now() - before < 1.0
