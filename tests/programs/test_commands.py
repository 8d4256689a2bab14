"""`kiosk check`, `kiosk programs` and `kiosk schema`, as a person sees them."""

import json
import re
import subprocess
import sys
from dataclasses import replace

import pytest

from kiosk.cli.check import check
from kiosk.cli.common import print_columns
from kiosk.cli.programs import collect, record, rows
from kiosk.programs.document import schema_text
from kiosk.programs.files import ProgramLibrary
from kiosk.timeline.timeline import CueKind, Dropped, Place, Stage, Stretched, Timeline
from tests.programs.files import GOOD, changed

A_TIMELINE = Timeline(
    program="two-exercises",
    title="Two exercises",
    cues=(),
    spans=(),
    exercises=(),
    duration=331_600,
)


@pytest.fixture
def folder(tmp_path):
    """A kiosk's state directory's folder of programs, with one good file in it."""
    path = tmp_path / "state" / "programs"
    path.mkdir(parents=True)
    (path / "two-exercises.toml").write_text(GOOD)
    return path


def kiosk(*arguments):
    """The command as it is run from a shell: exit code, output, errors."""
    done = subprocess.run(
        [sys.executable, "-m", "kiosk", *map(str, arguments)],
        capture_output=True,
        text=True,
        env={"LANG": "C.UTF-8"},
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


class TestCheck:
    @pytest.fixture
    def checked(self, capsys, folder):
        """Exit code and lines of a check in a kiosk whose programs are those in `folder`."""

        def run(*files, compiled=A_TIMELINE):
            code = check(files, ProgramLibrary([folder]), lambda _program: compiled, "en")
            return code, capsys.readouterr().out.splitlines()

        return run

    def test_a_good_program_gets_a_line(self, checked):
        assert checked() == (0, ["two-exercises: Two exercises, 2 exercises, 5 min 32 s"])

    def test_a_program_of_one_exercise(self, checked, folder):
        one = GOOD[: GOOD.index('[[exercise]]\nid = "knee-to-chest"')]
        (folder / "two-exercises.toml").write_text(one)
        assert checked() == (0, ["two-exercises: Two exercises, 1 exercise, 5 min 32 s"])

    def test_every_problem_of_every_file_is_told_and_the_good_ones_too(self, checked, folder):
        bad = folder / "bad.toml"
        bad.write_text(changed("level = 2", "lvl = 2"))
        worse = folder / "worse.toml"
        worse.write_text("schema = \n")
        code, lines = checked()
        assert code == 1
        assert [line.partition(" ")[0] for line in lines] == [
            f"{bad}:",
            f"{bad}:",
            f"{worse}:",
            "two-exercises:",
        ]

    def test_only_the_files_that_are_named_are_checked(self, checked, folder, tmp_path):
        (folder / "bad.toml").write_text("")
        good = tmp_path / "draft.toml"
        good.write_text(changed('id = "two-exercises"', 'id = "draft"'))
        assert checked(good) == (0, ["draft: Two exercises, 2 exercises, 5 min 32 s"])

    def test_a_file_that_is_not_there(self, checked, tmp_path):
        path = tmp_path / "nothing.toml"
        assert checked(path) == (1, [f"{path}: There is no such file."])

    def test_levels_are_looked_for_among_all_programs(self, checked, tmp_path):
        path = tmp_path / "draft.toml"
        text = changed('id = "two-exercises"', 'id = "draft"\nprevious = "two-exercises"')
        path.write_text(changed("level = 2", "level = 3", text))
        assert checked(path)[0] == 0
        path.write_text(changed('previous = "two-exercises"', 'previous = "gone"', text))
        assert checked(path)[1][0] == f"{path}: previous: There is no program 'gone'."

    def test_what_was_left_out_is_counted(self, checked):
        dropped = (
            Dropped(9000, CueKind.PHASE, "hold", Place(0, 1, None, 1, "hold")),
            Dropped(19_000, CueKind.PHASE, "hold", Place(0, 1, None, 2, "hold")),
            Dropped(60_000, CueKind.PHASE, "up", Place(1, 1, "left", 1, "hold")),
        )
        code, lines = checked(compiled=replace(A_TIMELINE, dropped=dropped))
        often = "  note: dropped 2 times for lack of room: 'hold' (phase) in bridge"
        once = "  note: dropped once for lack of room: 'up' (phase) in knee-to-chest"
        assert (code, lines[1:]) == (
            0,
            [f"{often}, first at 0 min 09 s", f"{once}, first at 1 min 00 s"],
        )

    def test_what_takes_longer_than_planned_is_told(self, checked):
        stretched = (Stretched(62_400, Stage.READY, 6000, 6832, Place(1)),)
        code, lines = checked(compiled=replace(A_TIMELINE, stretched=stretched))
        note = "  note: stretched from 6.0 s to 6.8 s for what is said: ready in knee-to-chest"
        assert (code, lines[1:]) == (0, [f"{note}, at 1 min 02 s"])

    def test_missing_speech_makes_the_length_a_guess(self, checked):
        code, lines = checked(compiled=replace(A_TIMELINE, missing=("one", "two")))
        assert code == 0
        assert lines[1:] == ["  note: speech is missing for 2 of its texts, so it will take longer"]

    def test_a_program_without_the_kiosks_language(self, checked):
        assert checked(compiled=None) == (
            0,
            ["two-exercises: 2 exercises; it has no words in the language 'en'"],
        )

    def test_from_the_shell(self, folder, tmp_path):
        bad = tmp_path / "bad.toml"
        bad.write_text(changed("reps = 8", "repz = 8"))
        code, out, err = kiosk("check", bad, "--state-dir", folder.parent)
        assert (code, err) == (1, "")
        assert f"{bad}: exercise[0].repz: There is no such key here." in out
        code, out, err = kiosk("check", folder / "two-exercises.toml", "--state-dir", folder.parent)
        assert (code, err) == (0, "")
        assert re.match(r"two-exercises: Two exercises, 2 exercises, \d min \d\d s\n", out)


class TestPrograms:
    def test_a_line_for_each_program(self, folder, capsys):
        text = changed("times_per_day = [1, 3]", "times_per_day = [2, 2]")
        (folder / "another.toml").write_text(changed('"two-exercises"', '"another"', text))
        programs, problems = collect(ProgramLibrary([folder]))
        assert problems == []
        print_columns(rows(programs, "en"))
        assert capsys.readouterr().out.splitlines() == [
            "ID             LEVEL  TITLE          EXERCISES  TIMES A DAY",
            "another        2      Two exercises  2          2",
            "two-exercises  2      Two exercises  2          1-3",
        ]

    def test_as_json(self, folder):
        (program,), _ = collect(ProgramLibrary([folder]))
        assert record(program, "en") == {
            "id": "two-exercises",
            "level": 2,
            "title": "Two exercises",
            "exercises": 2,
            "times_per_day": [1, 3],
            "days_per_week": [5, 7],
            "previous": None,
            "next": None,
            "languages": ["en"],
        }

    def test_a_title_in_another_language_is_better_than_none(self, folder):
        (program,), _ = collect(ProgramLibrary([folder]))
        assert record(program, "de")["title"] == "Two exercises"

    def test_from_the_shell(self, folder):
        code, out, err = kiosk("programs", "--json", "--state-dir", folder.parent)
        assert (code, err) == (0, "")
        assert [program["id"] for program in json.loads(out)] == [
            "hip-stretching",
            "low-back-next",
            "low-back-start",
            "two-exercises",
        ]

    def test_an_unusable_program_is_told_beside_the_list(self, folder):
        (folder / "bad.toml").write_text("id = ")
        code, out, err = kiosk("programs", "--state-dir", folder.parent)
        assert code == 1
        assert "two-exercises   2" in out
        assert err.startswith(f"{folder}/bad.toml: ")


class TestSchema:
    def test_from_the_shell(self):
        assert kiosk("schema") == (0, schema_text(), "")
