"""The command line as a whole: wrong calls, folders, time zone, damaged data, the log."""

import json
import re
import shlex
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk.cli.main import COMMANDS, main, make_parser
from kiosk.programs.files import shipped_folder
from kiosk.store.opening import open_store
from tests.cli.kit import CommandLine, Result, lines, shell
from tests.processes import python
from tests.schedule.past import NOON, record_session


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


# A command loads what it needs: each start on a small board is waited for


HEAVY = ("flask", "gpiozero", "icalendar", "jinja2", "pydantic", "pyttsx3", "rich", "sounddevice")

LOADING = """
import sys
from kiosk.cli.main import main

try:
    main(sys.argv[1:])
finally:
    print(*sorted(sys.modules), file=sys.stderr)
"""


def loaded_by(*arguments):
    """The modules that are there after the command."""
    done = python(LOADING, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stderr.split()


def heavy(modules):
    return [name for name in HEAVY if name in modules]


def test_to_show_the_help_no_command_is_loaded():
    own = [name for name in loaded_by("--help") if name.startswith("kiosk.cli")]
    assert own == ["kiosk.cli", "kiosk.cli.common", "kiosk.cli.main"]


@pytest.mark.parametrize("command", COMMANDS)
def test_to_show_a_command_s_help_nothing_heavy_is_loaded(command):
    modules = loaded_by(command, "--help")
    assert f"kiosk.cli.{command}" in modules
    assert heavy(modules) == []


@pytest.mark.parametrize("command", ["plan list", "status", "history", "level", "programs"])
def test_to_look_something_up_nothing_heavy_is_loaded(command, tmp_path):
    assert heavy(loaded_by(*command.split(), "--state-dir", tmp_path / "state")) == []


def test_nor_to_find_that_a_step_is_due(tmp_path):
    with closing(open_store(tmp_path, NOON).store) as store:
        for hours in range(6):
            record_session(store, NOON + timedelta(hours=hours))

    done = python(LOADING, "status", "--state-dir", tmp_path)

    assert "Level: low-back-start went well 6 times in a row." in done.stdout
    loaded = done.stderr.split()
    assert (heavy(loaded), "kiosk.programs.model" in loaded) == ([], False)


def test_to_look_into_programs_of_one_s_own_what_validates_them_is_loaded(tmp_path):
    shipped = shipped_folder() / "low-back-start.toml"
    own = tmp_path / "programs" / shipped.name
    own.parent.mkdir()
    own.write_text(f"{shipped.read_text()}# of one's own")
    assert heavy(loaded_by("programs", "--state-dir", tmp_path)) == ["pydantic"]


def test_the_help_is_the_same_with_and_without_the_commands():
    assert make_parser(()).format_help() == make_parser().format_help()
