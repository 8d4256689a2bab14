"""Each mistake in a program file is told in words, with its place; and all of them at once."""

import pytest

from tests.programs.files import GOOD, changed, complaints, problems_of

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
    "an id that is a path": (
        'id = "two-exercises"',
        'id = "../secret"',
        f"id: Expected text of 1 to 60 characters, {SLUG}, found '../secret'.",
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
    "a misspelt side": (
        'side = "left-then-right"',
        'side = "left then right"',
        (
            "exercise[1].side: Expected one of 'both', 'left-then-right', 'alternate', found "
            "'left then right'."
        ),
        "left-then-right",
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
    "a misspelt position": (
        'position = "lying on your back"\nequipment',
        'position = "lying on you back"\nequipment',
        (
            "exercise[0].position: Expected one of 'standing', 'sitting', 'on all fours', 'half "
            "kneeling', 'lying on your back', 'lying on your front', 'lying on your side', found "
            "'lying on you back'."
        ),
        "lying on your back",
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
    "an empty text": (
        'title = "Two exercises"',
        'title = ""',
        f"text.en.title: Expected text of 1 to 80 characters, {LINE}, found ''.",
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


def told(path: str, sentence: str, meant: str = "") -> str:
    """The line of a problem: the exercise is named, but for where its id is the problem."""
    exercise = "" if path.endswith("].id") else EXERCISES.get(path[:12], "")
    line = f"file.toml: {path}: {sentence}"
    line += f" (In the exercise '{exercise}'.)" if exercise else ""
    return line + (f" Did you mean {meant}?" if meant else "")


def test_a_good_file_has_no_complaints():
    assert complaints(GOOD) == []


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_in_words(name):
    old, new, complaint, *meant = MISTAKES[name]
    assert told(*complaint.split(": ", 1), *meant) in complaints(changed(old, new))


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
    assert complaints(text) == [told("exercise[0].phases[1].seconds", sentence)]


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
        ("get_ready = 12.5", "get_ready = 0"),
        ("level = 2", "level = 10"),
    ],
)
def test_limits_belong_to_what_is_allowed(old, new):
    assert complaints(changed(old, new)) == []


def test_shared_repetitions_may_be_even():
    text = changed(
        "reps = 3\n", "reps = 4\n", changed("reps_per_side = true", "reps_per_side = false")
    )
    assert complaints(text) == []


def test_more_than_four_hours_of_work_are_too_many():
    text = changed(
        "sets = 2\nsets_range = [1, 3]\nreps = 8\nreps_range = [5, 10]", "sets = 20\nreps = 100"
    )
    # The bridge takes 20 times 100 times 9.5 seconds, the other exercise 6 times 20.
    (complaint,) = complaints(text)
    assert complaint == (
        "file.toml: exercise: The repetitions of all exercises together take 5.3 hours; at most 4 "
        "hours fit into a session."
    )


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


def test_a_value_that_is_wrong_in_itself_is_told_once():
    assert len(problems_of(changed("reps = 8", "reps = 999"))) == 1
