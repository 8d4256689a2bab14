"""Which time zone the kiosk lives in."""

import logging
from pathlib import Path

import pytest

from kiosk.errors import SettingsError
from kiosk.locale.problems import error_text
from kiosk.system.time_zone import zone_of

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
    with pytest.raises(SettingsError) as told:
        zone_of(name, {}, system)

    hint = f" Did you mean {meant}?" if meant else ""
    assert error_text(told.value) == (
        f"time_zone: There is no time zone {name!r}. {EXPECTED}{hint}"
    )


def test_a_name_of_any_length_is_told_in_short(system: Path):
    with pytest.raises(SettingsError) as told:
        zone_of("x" * 10_000, {}, system)

    sentence = f"There is no time zone '{'x' * 59}…'. {EXPECTED}"
    assert error_text(told.value) == f"time_zone: {sentence}"
