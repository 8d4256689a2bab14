"""The command line as a whole: wrong calls, folders, time zone, damaged data, the log."""

import json
import re
import shlex
import sys
from pathlib import Path

import pytest

from kiosk.cli.main import main
from tests.cli.kit import CommandLine, Result, lines, shell


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def kiosk(state: Path, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    return CommandLine(state, capsys)


REQUIRED = "the following arguments are required: "
SECONDS = "argument --hold: expected seconds, such as 4.5, not"


@pytest.mark.parametrize(
    ("command", "error"),
    [
        ("plan", f"kiosk plan: error: {REQUIRED}ACTION"),
        ("backup", f"kiosk backup: error: {REQUIRED}FILE"),
        ("restore", f"kiosk restore: error: {REQUIRED}FILE"),
        (
            "history --json --csv",
            "kiosk history: error: argument --csv: not allowed with argument --json",
        ),
        (
            "plan edit 1",
            "kiosk plan edit: error: name what to change, such as --times 09:00",
        ),
        (
            "level set low-back-next long-bridge",
            "kiosk level set: error: name what to change: --reps, --sets or --hold",
        ),
        (
            "level set low-back-next long-bridge --reps 1.5",
            "kiosk level set: error: argument --reps: invalid int value: '1.5'",
        ),
        ("level set low-back-next long-bridge --hold x", f"kiosk level set: error: {SECONDS} 'x'"),
        (
            "level set low-back-next long-bridge --hold nan",
            f"kiosk level set: error: {SECONDS} 'nan'",
        ),
    ],
)
def test_a_wrong_call(command: str, error: str, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as ended:
        main(command.split())

    assert ended.value.code == 2
    assert capsys.readouterr().err.splitlines()[-1] == error


@pytest.mark.parametrize("command", [("status",), ("history",), ("level",), ("plan", "list")])
def test_every_command_begins_with_an_empty_memory(kiosk: CommandLine, command: tuple[str, ...]):
    result = kiosk(*command)

    assert (result.code, result.err) == (0, "")


def test_from_the_shell_in_a_zone_of_its_own(state: Path):
    where = {"KIOSK_STATE_DIR": str(state), "TZ": "Asia/Kathmandu"}
    day = "2099-01-01"

    assert shell(f"kiosk plan add walk --times 11:00 --starts {day}", **where) == Result(
        0,
        lines(
            "Entry 1: walk, daily at 11:00, from 2099-01-01 without an end.",
            "Next: Thu 2099-01-01 11:00, Fri 2099-01-02 11:00, Sat 2099-01-03 11:00.",
        ),
    )
    listed = shell(f"kiosk plan occurrences --from {day} --to {day} --json", **where)
    assert json.loads(listed.out) == [
        {
            "entry": 1,
            "program": "walk",
            "local_date": day,
            "due": "2099-01-01T11:00:00+05:45",
            "state": "coming",
        }
    ]


def test_the_time_zone_and_the_entry_are_checked_at_once(state: Path):
    result = shell(
        "kiosk plan add low-back-strt --times 25:00 --weeks 0",
        KIOSK_STATE_DIR=str(state),
        KIOSK_TIME_ZONE="Europe/Oslow",
    )

    assert (result.code, result.out) == (1, "")
    assert [line.rpartition(": ")[0] for line in result.err.splitlines()] == [
        "time_zone",
        "plan: program",
        "plan: times",
        "plan: weeks",
    ]


def test_a_zone_that_there_is_not_stops_every_other_command(state: Path):
    result = shell("kiosk status", KIOSK_STATE_DIR=str(state), KIOSK_TIME_ZONE="Mars/Phobos")

    assert (result.code, result.out) == (1, "")
    assert result.err.startswith("time_zone: There is no time zone 'Mars/Phobos'.")


def test_a_state_directory_that_is_a_file(state: Path, kiosk: CommandLine):
    state.write_text("")

    result = kiosk("status")

    assert (result.code, result.out) == (1, "")
    assert str(state) in result.err


def test_options_given_before_an_action_hold_for_it(
    state: Path, capsys: pytest.CaptureFixture[str]
):
    assert main(["level", "--state-dir", str(state), "--json", "show"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["program"] == "low-back-start"
    assert main(["level", "--state-dir", str(state), "decline"]) == 1
    assert (state / "kiosk.db").exists()


def test_lost_data_is_reported(kiosk: CommandLine):
    kiosk("plan", "add", "walk", "--times", "11:00")
    (kiosk.state / "kiosk.db").write_bytes(b"no database" * 1000)

    result = kiosk("plan", "list")

    assert result.code == 0
    assert "What the kiosk remembers was damaged" in result.err
    result = kiosk("status").out.splitlines()[-1]
    assert re.match(r"Lost: \d{4}-\d\d-\d\d What the kiosk remembers was damaged", result)
    (notice,) = json.loads(kiosk("status", "--json").out)["notices"]
    assert "was damaged" in notice["what"]


@pytest.mark.parametrize("utf8", ["0", "1"])
def test_no_line_of_the_log_is_lost_for_the_letters_in_it(utf8: str):
    """As in the name of a file that somebody copied from an old computer."""
    script = (
        "import logging; from kiosk.cli.run import set_up_logging;"
        "set_up_logging(verbose=False, on_terminal=False);"
        "logging.warning('%s is not used', 'f\\xfcr \\udce9')"
    )
    environ = {"PYTHONUTF8": utf8, "PYTHONCOERCECLOCALE": "0", "LC_ALL": "C"}
    letter = "\xfc" if utf8 == "1" else "\\xfc"
    assert shell(f"{sys.executable} -c {shlex.quote(script)}", **environ) == Result(
        0, "", f"WARNING root: f{letter}r \\udce9 is not used\n"
    )
