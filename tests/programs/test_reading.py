"""A right program file becomes the program it describes; of a wrong one each problem is put in
words with its place, and all of them at once, whatever it holds.

`tests/fuzz/test_program_files.py` tries files at random.
"""

import json
import os
import re
import tomllib
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from kiosk.errors import ProgramFileError
from kiosk.locale.problems import line, sentence
from kiosk.programs import LARGEST_FILE
from kiosk.programs.document import json_schema, plain_schema, schema_text
from kiosk.programs.files import ProgramLibrary, shipped_folder
from kiosk.programs.model import (
    Bounds,
    Exercise,
    ExerciseText,
    Frequency,
    Phase,
    PhaseName,
    Position,
    Program,
    ProgramText,
    Side,
    Source,
)
from kiosk.programs.problems import expected
from kiosk.programs.reader import LONGEST_LINE, parse_program, read_program
from tests.programs.files import GOOD, changed, complaints, problems_of


def read(text):
    return parse_program(text, "file.toml")


def test_a_file_becomes_the_program_it_describes():
    bridge = Exercise(
        id="bridge",
        position=Position.LYING_ON_BACK,
        equipment=("mat",),
        sets=2,
        reps=8,
        side=Side.BOTH,
        reps_per_side=False,
        phases=(
            Phase(PhaseName.LIFT, 2000),
            Phase(PhaseName.HOLD, 3500, Bounds(3000, 5000)),
            Phase(PhaseName.REST, 4000, Bounds(3000, 5000)),
        ),
        rest_between_sets=20_000,
        change_sides=8_000,
        get_ready=None,
        sources=(Source("A leaflet", "5 to 10 times"),),
        text={
            "en": ExerciseText(
                "Bridge", "Lift your hips. Hold. Lower them.", {PhaseName.LIFT: "hips up"}
            )
        },
        cited_sets=Bounds(1, 3),
        cited_reps=Bounds(5, 10),
    )
    knee_to_chest = Exercise(
        id="knee-to-chest",
        position=Position.LYING_ON_BACK,
        equipment=(),
        sets=1,
        reps=3,
        side=Side.LEFT_THEN_RIGHT,
        reps_per_side=True,
        phases=(Phase(PhaseName.HOLD, 20_000),),
        rest_between_sets=30_000,
        change_sides=9_000,
        get_ready=12_500,
        sources=(Source("Another leaflet", "20 seconds, 3 times on each side"),),
        text={
            "en": ExerciseText(
                "Knee to chest", "Draw one knee to your chest.", {}, "Left knee", "Right knee"
            )
        },
    )
    assert read(GOOD) == Program(
        id="two-exercises",
        level=2,
        frequency=Frequency(Bounds(1, 3), Bounds(5, 7)),
        rest_between_exercises=5_000,
        exercises=(bridge, knee_to_chest),
        text={
            "en": ProgramText("Two exercises", "Something to test with.", ("Stop if it hurts.",))
        },
    )


def test_levels_and_rests_that_are_named_are_taken_to_the_nearest_millisecond():
    text = changed(
        "level = 2\n",
        'level = 2\nprevious = "easier"\nnext = "harder"\nrest_between_exercises = 7.25\n',
    )
    program = read(changed("seconds = 3.5,", "seconds = 3.3336,", text))
    assert (program.previous_level, program.next_level) == ("easier", "harder")
    assert program.rest_between_exercises == 7_250
    assert program.exercises[0].phases[1].duration == 3334


def test_a_second_language_is_a_second_table():
    german = """
[text.de]
title = "Zwei Übungen"
summary = "Zum Ausprobieren."
stop_rules = ["Bei Schmerzen aufhören."]
"""
    with_title = GOOD + german
    assert read(with_title).languages == {"en"}
    bridge = '[exercise.text.de]\nname = "Brücke"\nhow = "Heben."\n'
    knee = '[exercise.text.de]\nname = "Knie zur Brust"\nhow = "Ziehen."\n'
    whole = changed(
        '[exercise.text.en]\nname = "Knee', knee + '[exercise.text.en]\nname = "Knee', with_title
    )
    whole = changed(
        '[exercise.text.en]\nname = "Bridge', bridge + '[exercise.text.en]\nname = "Bridge', whole
    )
    program = read(whole)
    assert program.languages == {"en", "de"}
    assert program.exercises[0].text["de"].name == "Brücke"


# --- mistakes -------------------------------------------------------------------------------------


PHASE_NAMES = "'lower', 'lift', 'reach', 'stretch', 'return', 'turn', 'press', 'hold', 'rest'"
LINE = "not blank, on one line and without control characters"
SLUG = "small letters and digits, joined by single hyphens"
EXERCISES = {"exercise[0].": "bridge", "exercise[1].": "knee-to-chest"}
A_SOURCE = GOOD[GOOD.rindex("[[exercise.source]]") : GOOD.rindex("[exercise.text.en]")]

MISTAKES = {
    "a later format": ("schema = 1", "schema = 2", "schema: Expected the number 1, found 2."),
    "a format that only equals one": (
        "schema = 1",
        "schema = true",
        "schema: Expected the number 1, found true.",
    ),
    "a misspelt key": (
        "reps = 8",
        "repz = 8\nreps = 8",
        (
            "exercise[0].repz: There is no such key here. Keys here are: id, position, equipment, "
            "sets, sets_range, reps, reps_range, side, reps_per_side, phases, seconds_range, "
            "rest_between_sets, change_sides, get_ready, source, text."
        ),
        "reps",
    ),
    "a key with a control character": (
        "level = 2",
        '"\\u0007 = x" = 1\nlevel = 2',
        (
            "'\\x07 = x': There is no such key here. Keys here are: schema, id, level, previous, "
            "next, rest_between_exercises, frequency, text, exercise."
        ),
    ),
    "a missing key": (
        "level = 2\n",
        "",
        (
            "level: The key level is missing; it takes a whole number from 1 to 10. How demanding "
            "it is: 1 is where people start."
        ),
    ),
    "a fraction for a whole number": (
        "level = 2",
        "level = 2.0",
        "level: Expected a whole number from 1 to 10, found 2.0.",
    ),
    "an id with capitals and spaces": (
        'id = "two-exercises"',
        'id = "Two Exercises"',
        f"id: Expected text of 1 to 60 characters, {SLUG}, found 'Two Exercises'.",
    ),
    "a hold outside its cited range": (
        "seconds = 3.5,",
        "seconds = 2,",
        "exercise[0].phases[1].seconds: 2 lies outside the cited range of 3 to 5.",
    ),
    "a range that is the wrong way round": (
        "seconds = 3.5, range = [3, 5]",
        "seconds = 3.5, range = [5, 3]",
        "exercise[0].phases[1].range: A range goes from the smaller to the larger: [3, 5].",
    ),
    "a range with one end": (
        "seconds = 3.5, range = [3, 5]",
        "seconds = 3.5, range = [3]",
        (
            "exercise[0].phases[1].range: Expected a list of 2 entries, each a number of seconds "
            "from 0 to 600, found a list of 1 entries."
        ),
    ),
    "ten thousand repetitions": (
        "reps = 8",
        "reps = 10000",
        "exercise[0].reps: Expected a whole number from 1 to 100, found 10000.",
    ),
    "more repetitions than cited": (
        "reps = 8",
        "reps = 12",
        "exercise[0].reps: 12 lies outside the cited range of 5 to 10.",
    ),
    "the default is held against the cited range, too": (
        "sets = 2\nsets_range = [1, 3]",
        "sets_range = [2, 3]",
        "exercise[0].sets: 1 lies outside the cited range of 2 to 3.",
    ),
    "phases that are longer than cited": (
        "rest_between_sets = 20",
        "seconds_range = [4, 5]\nrest_between_sets = 20",
        (
            "exercise[0].phases: The phases take 9.5 seconds together, which lies outside the "
            "cited range of 4 to 5."
        ),
    ),
    "a range of seconds that is the wrong way round": (
        "rest_between_sets = 20",
        "seconds_range = [10, 9]\nrest_between_sets = 20",
        "exercise[0].seconds_range: A range goes from the smaller to the larger: [9, 10].",
    ),
    "a frequency that is the wrong way round": (
        "times_per_day = [1, 3]",
        "times_per_day = [3, 1]",
        "frequency.times_per_day: A range goes from the smaller to the larger: [1, 3].",
    ),
    "an unknown side": (
        'side = "left-then-right"',
        'side = "lefty"',
        "exercise[1].side: Expected one of 'both', 'left-then-right', 'alternate', found 'lefty'.",
    ),
    "sides without saying whose repetitions are counted": (
        "reps_per_side = true\n",
        "",
        (
            "exercise[1].reps_per_side: The key reps_per_side is missing. Say true if reps counts "
            "each side for itself, false if both sides share them."
        ),
    ),
    "a word for a truth": (
        "reps_per_side = true",
        'reps_per_side = "yes"',
        "exercise[1].reps_per_side: Expected true or false, found 'yes'.",
    ),
    "repetitions that cannot be shared": (
        "reps_per_side = true",
        "reps_per_side = false",
        "exercise[1].reps: Left and right share the repetitions, so their number has to be even.",
    ),
    "repetitions of each side where there are none": (
        "reps = 8",
        "reps = 8\nreps_per_side = true",
        (
            "exercise[0].reps_per_side: Both sides move together here, so leave reps_per_side out "
            "or name the side."
        ),
    ),
    "a name for a side that is never named": (
        'how = "Lift',
        'left = "Left leg"\nhow = "Lift',
        "exercise[0].text.en.left: Both sides move together here, so no side is ever named.",
    ),
    "two exercises with one id": (
        'id = "knee-to-chest"',
        'id = "bridge"',
        "exercise[1].id: The id 'bridge' is taken by exercise[0]; each needs its own.",
    ),
    "equipment the kiosk has no words for": (
        '["mat"]',
        '["mat", "matt"]',
        (
            "exercise[0].equipment[1]: Expected one of 'chair', 'cushion', 'mat', 'towel', "
            "'wall', found 'matt'."
        ),
        "mat",
    ),
    "a misspelt phase": (
        'do = "hold", seconds = 3.5',
        'do = "hodl", seconds = 3.5',
        f"exercise[0].phases[1].do: Expected one of {PHASE_NAMES}, found 'hodl'.",
        "hold",
    ),
    "words for a misspelt phase": (
        'phases = { lift = "hips up" }',
        'phases = { lfit = "hips up" }',
        f"exercise[0].text.en.phases.lfit: The key is to be one of {PHASE_NAMES}, not 'lfit'.",
        "lift",
    ),
    "words for a phase that does not come": (
        'phases = { lift = "hips up" }',
        'phases = { turn = "round" }',
        (
            "exercise[0].text.en.phases.turn: No phase of this exercise is 'turn', so this is "
            "never said."
        ),
    ),
    "a repetition too short to count": (
        'phases = [{ do = "hold", seconds = 20 }]',
        'phases = [{ do = "lift", seconds = 0.5 }, { do = "hold", seconds = 0.75 }]',
        (
            "exercise[1].phases: The phases of a repetition take 1.25 seconds together; at least "
            "2 are needed to count along."
        ),
    ),
    "no phases": (
        'phases = [{ do = "hold", seconds = 20 }]',
        "phases = []",
        "exercise[1].phases: Expected a list of 1 to 12 tables, found a list of 0 entries.",
    ),
    "thirteen phases": (
        'phases = [{ do = "hold", seconds = 20 }]',
        "phases = [" + 13 * "{ do = 'hold', seconds = 2 }, " + "]",
        "exercise[1].phases: Expected a list of 1 to 12 tables, found a list of 13 entries.",
    ),
    "an exercise without a source": (
        A_SOURCE,
        "",
        (
            "exercise[1].source: The key source is missing; it takes a list of 1 to 10 tables. "
            "Where the dose comes from."
        ),
    ),
    "a blank text": (
        'summary = "Something to test with."',
        'summary = "  "',
        f"text.en.summary: Expected text of 1 to 600 characters, {LINE}, found '  '.",
    ),
    "a control character": (
        'title = "Two exercises"',
        'title = "Two\\u001b[31m exercises"',
        (
            f"text.en.title: Expected text of 1 to 80 characters, {LINE}, found 'Two\\x1b[31m "
            "exercises'."
        ),
    ),
    "a title too long to say": (
        'title = "Two exercises"',
        f'title = "{"long " * 20}"',
        f"text.en.title: Expected text of 1 to 80 characters, {LINE}, found 100 characters.",
    ),
    "a language that is no code": (
        "[text.en]",
        "[text.English]",
        "text.English: The key is to be text, a language code such as en or pt_BR, not 'English'.",
    ),
    "an exercise in another language": (
        '[exercise.text.en]\nname = "Knee',
        '[exercise.text.de]\nname = "Knee',
        (
            "text: No language is there for the program and all of its exercises: 'en' is missing "
            "in exercise[1]."
        ),
    ),
    "a program that leads on to itself": (
        "level = 2",
        'level = 2\nnext = "two-exercises"',
        "next: A program cannot be its own easier or harder level.",
    ),
    "a text for a table": (
        "[frequency]\ntimes_per_day = [1, 3]\ndays_per_week = [5, 7]\n",
        'frequency = "daily"\n',
        "frequency: Expected a table, found 'daily'.",
    ),
}
"""By their names: a text of the good file, another in its place; then the place and the sentence,
and the suggestion, that this brings about.
"""


def complaint_of(path: str, sentence: str, meant: str = "") -> str:
    """The line of a problem: the exercise is named, but for where its id is the problem."""
    exercise = "" if path.endswith("].id") else EXERCISES.get(path[:12], "")
    line = f"file.toml: {path}: {sentence}"
    line += f" (In the exercise '{exercise}'.)" if exercise else ""
    return line + (f" Did you mean {meant}?" if meant else "")


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_in_words(name):
    old, new, complaint, *meant = MISTAKES[name]
    assert complaint_of(*complaint.split(": ", 1), *meant) in complaints(changed(old, new))


SECONDS = {
    "0": "0",
    "36000": "36000",
    "-2": "-2",
    "nan": "nan",
    "inf": "inf",
    "true": "true",
    '"4"': "'4'",
    "[4]": "a list of 1 entries",
    "{ a = 4 }": "a table",
    "1979-05-27": "a date or a time of day",
    "9" * 4000: "a huge number",
    "0x" + "f" * 4000: "a huge number",
    "-" + "9" * 16: "a huge negative number",
}
"""Values that are no length of a hold, and how they are shown."""


@pytest.mark.parametrize("value", SECONDS)
def test_a_hold_takes_a_number_of_seconds(value):
    sentence = f"Expected a number of seconds from 0.5 to 300, found {SECONDS[value]}."
    text = changed("seconds = 3.5, range = [3, 5]", f"seconds = {value}")
    assert complaints(text) == [complaint_of("exercise[0].phases[1].seconds", sentence)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("seconds = 3.5,", "seconds = 3,"),
        ("seconds = 3.5,", "seconds = 5.0,"),
        ("seconds = 20", "seconds = 2"),
        ("seconds = 20", "seconds = 300"),
        ("reps = 8\nreps_range = [5, 10]", "reps = 100"),
        ("reps = 8", "reps = 5"),
        ("sets = 2\nsets_range = [1, 3]", "sets = 20"),
        ("reps = 3\n", "reps = 4\n"),
        (
            'reps = 3\nside = "left-then-right"\nreps_per_side = true',
            'reps = 4\nside = "left-then-right"\nreps_per_side = false',
        ),
        ("get_ready = 12.5", "get_ready = 0"),
        ("level = 2", "level = 10"),
    ],
)
def test_limits_belong_to_what_is_allowed(old, new):
    assert complaints(changed(old, new)) == []


def test_all_mistakes_are_told_at_once():
    text = GOOD
    for old, new in (
        ("level = 2", "lvl = 2"),
        ("sets = 2\n", "sets = 0\n"),
        ("seconds = 3.5,", "seconds = 2,"),
        ('id = "knee-to-chest"', 'id = "bridge"'),
        ('side = "left-then-right"', 'side = "left"'),
        ('how = "Draw one knee to your chest."', "how = 7"),
    ):
        text = changed(old, new, text)
    assert [problem.path for problem in problems_of(text)] == [
        "level",
        "lvl",
        "exercise[0].sets",
        "exercise[0].phases[1].seconds",
        "exercise[1].side",
        "exercise[1].text.en.how",
        "exercise[1].id",
    ]
    # The bridge takes 20 times 100 times 9.5 seconds, the other exercise 6 times 20.
    # The bridge takes 20 times 100 times 9.5 seconds, the other exercise 6 times 20.
    sets = "sets = 2\nsets_range = [1, 3]\nreps = 8\nreps_range = [5, 10]"
    (too_long,) = complaints(changed(sets, "sets = 20\nreps = 100"))
    assert too_long == (
        "file.toml: exercise: The repetitions of all exercises together take 5.3 hours; at most 4 "
        "hours fit into a session."
    )
    keys = ("schema", "id", "level", "frequency", "text", "exercise")
    assert [(p.path, p.code) for p in problems_of("")] == [
        (key, "program.key-missing") for key in keys
    ]
    assert len(problems_of(changed("reps = 8", "reps = 999"))) == 1, "not that of its range, too"


# --- files that cannot be read --------------------------------------------------------------------


def problem_of(path):
    """Place, code and values of the one problem of the file at `path`."""
    with pytest.raises(ProgramFileError) as caught:
        read_program(path)
    (problem,) = caught.value.problems
    assert line(problem).startswith(f"{path}: ")
    return problem.path, problem.code, problem.values


@pytest.mark.parametrize(
    ("name", "code", "values"),
    [
        ("nothing.toml", "program.file-missing", {}),
        (".", "program.not-a-file", {}),
        ("pipe.toml", "program.not-a-file", {}),  # and is not waited for
        ("file/a.toml", "file.unreadable", {"reason": "Not a directory"}),
        ("a\0b.toml", "program.file-name-impossible", {}),
        ("large.toml", "program.file-too-large", {"most": 1_000_000}),
    ],
)
def test_a_file_that_cannot_be_read(tmp_path, name, code, values):
    os.mkfifo(tmp_path / "pipe.toml")
    (tmp_path / "file").touch()
    (tmp_path / "large.toml").write_bytes(b"#" * 10_000_000)
    assert problem_of(tmp_path / name) == ("", code, values)


def test_the_largest_file_and_one_saved_by_a_windows_editor_are_read_but_not_latin_text(tmp_path):
    path = tmp_path / "program.toml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert read_program(path) == read(GOOD)
    path.write_text(GOOD.ljust(LARGEST_FILE, "\n"))
    assert read_program(path) == read(GOOD)
    path.write_text(GOOD.ljust(LARGEST_FILE + 1, "\n"))
    assert problem_of(path)[1] == "program.file-too-large"
    path.write_bytes('schema = 1\ntitle = "Rücken"\n'.encode("latin-1"))
    assert problem_of(path) == ("line 2", "program.not-utf8", {})


@pytest.mark.parametrize(
    ("text", "place", "code"),
    [
        ("schema = 1\nid two\n", "line 2, column 4", "file.not-toml"),
        ("id = 'two", "end of file", "file.not-toml"),
        ("a = 1\na = 2\n", "", "file.not-toml"),
        ("a = " + "[" * 4_000, "", "program.nested-too-deeply"),
        ("a = " + "{b=" * 1_600, "", "program.nested-too-deeply"),
        ("a = " + "1" * 4_900, "", "program.number-too-long"),
        ("\na" + ".a" * 490_000 + " = 1", "line 2", "program.line-too-long"),
        ("a = 2024-13-45", "line 1, column", "file.not-toml"),
    ],
)
def test_text_that_is_not_toml(text, place, code):
    (problem,) = problems_of(text)
    assert problem.path.startswith(place)
    assert problem.code == code


# --- The JSON Schema and the reference page say what the reader says ------------------------------


SHIPPED = ProgramLibrary([shipped_folder()]).files()


def objections(text):
    """What the JSON Schema has against a file with this text: place and broken rule."""
    validator = Draft202012Validator(json_schema())
    errors = validator.iter_errors(tomllib.loads(text))
    return sorted((".".join(map(str, e.absolute_path)), e.validator) for e in errors)


def test_it_is_a_json_schema_of_which_the_shipped_copy_is_the_printed_one():
    schema = json_schema()
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["title"] == "Exercise program"
    assert (shipped_folder() / "schema.json").read_text(encoding="utf-8") == schema_text()
    assert json.loads(schema_text()) == schema
    for name, table in {"": schema, **schema["$defs"]}.items():
        for key, node in table.get("properties", {}).items():
            assert node.get("description"), f"{name}.{key} is not explained"


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_shipped_programs_name_it_and_keep_to_it(path):
    text = path.read_text(encoding="utf-8")
    assert text.startswith("#:schema ./schema.json\n")
    assert objections(text) == []


@pytest.mark.parametrize(
    ("old", "new", "objection"),
    [
        ("level = 2", "lvl = 2\nlevel = 2", ("", "additionalProperties")),
        ("reps = 8", "repz = 1\nreps = 8", ("exercise.0", "additionalProperties")),
        ("level = 2\n", "", ("", "required")),
        ("[text.en]", "[text.English]", ("text", "additionalProperties")),
        ("schema = 1", "schema = 2", ("schema", "maximum")),
        ("reps = 8", "reps = 10000", ("exercise.0.reps", "maximum")),
        ("seconds = 3.5", "seconds = 0", ("exercise.0.phases.1.seconds", "minimum")),
        ('side = "left-then-right"', 'side = "lefty"', ("exercise.1.side", "enum")),
        ('lift = "hips up"', 'lfit = "hips up"', ("exercise.0.text.en.phases", "enum")),
        ('["mat"]', '["matt"]', ("exercise.0.equipment.0", "enum")),
        ('"Something to test with."', '"  "', ("text.en.summary", "pattern")),
        ('"Two exercises"', '"a\\tb"', ("text.en.title", "pattern")),
    ],
)
def test_it_refuses_what_the_reader_refuses(old, new, objection):
    assert objections(changed(old, new)) == [objection]


# --- the reference page ---------------------------------------------------------------------------


PAGE = (Path(__file__).parents[2] / "docs/reference/program-file.md").read_text(encoding="utf-8")
(EXAMPLE,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
(MESSAGES,) = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)


def tables():
    """Every table of the format: the page's heading for it, and its part of the JSON Schema."""
    program = plain_schema()
    keys = program["properties"]
    exercise = keys["exercise"]["items"]
    (program_text,) = keys["text"]["patternProperties"].values()
    (exercise_text,) = exercise["properties"]["text"]["patternProperties"].values()
    return {
        "The whole program": program,
        "`[frequency]`": keys["frequency"],
        "`[text.LANGUAGE]`": program_text,
        "`[[exercise]]`": exercise,
        "`phases`": exercise["properties"]["phases"]["items"],
        "`[[exercise.source]]`": exercise["properties"]["source"]["items"],
        "`[exercise.text.LANGUAGE]`": exercise_text,
    }


def row(table, key):
    """The row of the page for `key`, as the code has it."""
    node = table["properties"][key]
    if key in table["required"]:
        default = "needed"
    else:
        default = f"`{json.dumps(node['default'])}`" if "default" in node else "left out"
    takes = sentence(expected(node)).replace("'", "`")
    return f"| `{key}` | {takes} | {default} | {node['description']} |"


@pytest.mark.parametrize("heading", tables())
def test_every_key_is_there_with_what_it_takes_and_its_default(heading):
    _, _, section = PAGE.partition(f"\n### {heading}\n")
    rows = [line for line in re.split(r"\n##", section)[0].splitlines() if line.startswith("| `")]
    table = tables()[heading]
    assert rows == [row(table, key) for key in table["properties"]]


def test_no_table_of_the_format_is_without_a_heading():
    known = {table["title"] for table in tables().values()}
    definitions = json_schema()["$defs"].values()
    written = {table["title"] for table in definitions if table["type"] == "object"}
    assert known == written | {"Exercise program"}


def test_the_example_can_be_used_and_has_every_key_in_it_and_the_messages_are_the_real_ones():
    assert complaints(EXAMPLE) == []
    used = set(re.findall(r"\w+", EXAMPLE))
    for table in tables().values():
        assert used >= set(table["properties"])
    assert tomllib.loads(EXAMPLE)["id"] == "morning"

    spoilt = changed("level = 2", "level = 2\nlvl = 2", EXAMPLE)
    spoilt = changed("seconds = 20", "seconds = 40", spoilt)
    found = [line.replace("file.toml", "morning.toml") for line in complaints(spoilt)]
    assert found == MESSAGES.splitlines()

    assert "The file has up to 1 MB, in lines of up to 5,000 characters." in " ".join(PAGE.split())
    assert (LARGEST_FILE, LONGEST_LINE) == (1_000_000, 5_000)
