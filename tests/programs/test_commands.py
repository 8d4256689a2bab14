"""`kiosk check`, `kiosk programs` and `kiosk schema`, as a person sees them."""

import json
import re
import sys
from dataclasses import replace

import pytest

from kiosk.cli.check import check
from kiosk.cli.common import print_columns
from kiosk.cli.programs import collect, record, rows
from kiosk.programs.document import schema_text
from kiosk.programs.files import ProgramLibrary
from kiosk.timeline.timeline import CueKind, Dropped, Place, Stage, Stretched, Timeline
from tests.processes import run
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
    done = run(sys.executable, "-m", "kiosk", *arguments, env={"LANG": "C.UTF-8"})
    return done.returncode, done.stdout, done.stderr


class TestCheck:
    @pytest.fixture
    def checked(self, capsys, folder):
        """Exit code and lines of a check in a kiosk whose programs are those in `folder`."""

        def run(*files, compiled=A_TIMELINE):
            code = check(files, ProgramLibrary([folder]), lambda _program: compiled, "en")
            return code, capsys.readouterr().out.splitlines()

        return run

    def test_a_good_program_gets_a_line(self, checked, folder):
        assert checked() == (0, ["two-exercises: Two exercises, 2 exercises, 5 min 32 s"])
        assert checked(compiled=None) == (
            0,
            ["two-exercises: 2 exercises; it has no words in the language 'en'"],
        )
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
        missing = tmp_path / "nothing.toml"
        assert checked(missing) == (1, [f"{missing}: There is no such file."])

    def test_levels_are_looked_for_among_all_programs(self, checked, tmp_path):
        path = tmp_path / "draft.toml"
        text = changed('id = "two-exercises"', 'id = "draft"\nprevious = "two-exercises"')
        path.write_text(changed("level = 2", "level = 3", text))
        assert checked(path)[0] == 0
        path.write_text(changed('previous = "two-exercises"', 'previous = "gone"', text))
        assert checked(path)[1][0] == f"{path}: previous: There is no program 'gone'."

    def test_what_differs_from_the_plan_is_noted(self, checked):
        def notes(**changes):
            code, lines = checked(compiled=replace(A_TIMELINE, **changes))
            assert code == 0
            return [line.removeprefix("  note: ") for line in lines[1:]]

        dropped = (
            Dropped(9000, CueKind.PHASE, "hold", Place(0, 1, None, 1, "hold")),
            Dropped(19_000, CueKind.PHASE, "hold", Place(0, 1, None, 2, "hold")),
            Dropped(60_000, CueKind.PHASE, "up", Place(1, 1, "left", 1, "hold")),
        )
        often, once = notes(dropped=dropped)
        assert often == (
            "dropped 2 times for lack of room: 'hold' (phase) in bridge, first at 0 min 09 s"
        )
        assert once == (
            "dropped once for lack of room: 'up' (phase) in knee-to-chest, first at 1 min 00 s"
        )
        (stretched,) = notes(stretched=(Stretched(62_400, Stage.READY, 6000, 6832, Place(1)),))
        assert stretched == (
            "stretched from 6.0 s to 6.8 s for what is said: ready in knee-to-chest, at 1 min 02 s"
        )
        assert notes(missing=("one", "two")) == [
            "speech is missing for 2 of its texts, so it will take longer"
        ]

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
    def test_a_line_or_a_record_for_each_program(self, folder, capsys):
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
        found = record(programs[1], "en")
        assert found == {
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
        assert record(programs[1], "de") == found, "a title in another language is better than none"

    def test_from_the_shell(self, folder):
        (folder / "bad.toml").write_text("id = ")
        code, out, err = kiosk("programs", "--json", "--state-dir", folder.parent)
        assert code == 1
        assert err.startswith(f"{folder}/bad.toml: ")
        assert [program["id"] for program in json.loads(out)] == [
            "hip-stretching",
            "low-back-next",
            "low-back-start",
            "two-exercises",
        ]
        (folder / "bad.toml").unlink()
        code, out, err = kiosk("programs", "--state-dir", folder.parent)
        assert (code, err) == (0, "")
        assert "two-exercises   2" in out


def test_the_schema_from_the_shell():
    assert kiosk("schema") == (0, schema_text(), "")
