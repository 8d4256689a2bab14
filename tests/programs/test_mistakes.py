"""Each mistake in a program file is told in words, with its place; and all of them at once."""

import pytest

from tests.programs.files import GOOD, changed, complaints

PHASE_NAMES = "'lower', 'lift', 'reach', 'stretch', 'return', 'turn', 'press', 'hold', 'rest'"
LINE = "not blank, on one line and without control characters"
BRIDGE = "(In the exercise 'bridge'.)"
KNEE = "(In the exercise 'knee-to-chest'.)"


def seconds_found(found: str) -> str:
    """What is told of the second phase of the bridge."""
    return (
        "file.toml: exercise[0].phases[1].seconds: Expected a number of seconds from 0.5 to 300, "
        f"found {found}. {BRIDGE}"
    )


def test_a_good_file_has_no_complaints():
    assert complaints(GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        pytest.param(
            "schema = 1",
            "schema = 2",
            "file.toml: schema: Expected the number 1, found 2.",
            id="a later format",
        ),
        pytest.param(
            "schema = 1",
            "schema = true",
            "file.toml: schema: Expected the number 1, found true.",
            id="a format that only equals one",
        ),
        pytest.param(
            "reps = 8",
            "repz = 8\nreps = 8",
            "file.toml: exercise[0].repz: There is no such key here. Keys here are: id, position, "
            "equipment, sets, sets_range, reps, reps_range, side, reps_per_side, phases, "
            f"seconds_range, rest_between_sets, change_sides, get_ready, source, text. {BRIDGE} "
            "Did you mean reps?",
            id="a misspelt key",
        ),
        pytest.param(
            "level = 2",
            '"\\u0007 = x" = 1\nlevel = 2',
            "file.toml: '\\x07 = x': There is no such key here. Keys here are: schema, id, level, "
            "previous, next, rest_between_exercises, frequency, text, exercise.",
            id="a key with a control character",
        ),
        pytest.param(
            "level = 2\n",
            "",
            "file.toml: level: The key level is missing; it takes a whole number from 1 to 10. "
            "How demanding it is: 1 is where people start.",
            id="a missing key",
        ),
        pytest.param(
            "level = 2",
            "level = 2.0",
            "file.toml: level: Expected a whole number from 1 to 10, found 2.0.",
            id="a fraction for a whole number",
        ),
        pytest.param(
            'id = "two-exercises"',
            'id = "Two Exercises"',
            "file.toml: id: Expected text of 1 to 60 characters, small letters and digits, joined "
            "by single hyphens, found 'Two Exercises'.",
            id="an id with capitals and spaces",
        ),
        pytest.param(
            'id = "two-exercises"',
            'id = "../secret"',
            "file.toml: id: Expected text of 1 to 60 characters, small letters and digits, joined "
            "by single hyphens, found '../secret'.",
            id="an id that is a path",
        ),
        pytest.param(
            "seconds = 3.5, range = [3, 5]",
            "seconds = 0",
            seconds_found("0"),
            id="a hold of no length",
        ),
        pytest.param(
            "seconds = 3.5, range = [3, 5]",
            "seconds = 36000",
            seconds_found("36000"),
            id="a hold of ten hours",
        ),
        pytest.param(
            "seconds = 3.5, range = [3, 5]",
            "seconds = -2",
            seconds_found("-2"),
            id="less than none",
        ),
        pytest.param(
            "seconds = 3.5, range = [3, 5]", "seconds = nan", seconds_found("nan"), id="no number"
        ),
        pytest.param(
            "seconds = 3.5, range = [3, 5]", "seconds = inf", seconds_found("inf"), id="for ever"
        ),
        pytest.param(
            "seconds = 3.5, range = [3, 5]", "seconds = true", seconds_found("true"), id="a truth"
        ),
        pytest.param(
            "seconds = 3.5, range = [3, 5]", 'seconds = "4"', seconds_found("'4'"), id="a text"
        ),
        pytest.param(
            "seconds = 3.5, range = [3, 5]",
            "seconds = 1979-05-27",
            seconds_found("a date or a time of day"),
            id="a date",
        ),
        pytest.param(
            "seconds = 3.5, range = [3, 5]",
            f"seconds = {'9' * 4000}",
            seconds_found("a huge number"),
            id="a number of 4,000 digits",
        ),
        pytest.param(
            "seconds = 3.5, range = [3, 5]",
            f"seconds = 0x{'f' * 4000}",
            seconds_found("a huge number"),
            id="a hexadecimal number too long to print",
        ),
        pytest.param(
            "seconds = 3.5,",
            "seconds = 2,",
            "file.toml: exercise[0].phases[1].seconds: 2 lies outside the cited range of 3 to 5. "
            f"{BRIDGE}",
            id="a hold outside its cited range",
        ),
        pytest.param(
            "seconds = 3.5, range = [3, 5]",
            "seconds = 3.5, range = [5, 3]",
            "file.toml: exercise[0].phases[1].range: A range goes from the smaller to the larger: "
            f"[3, 5]. {BRIDGE}",
            id="a range that is the wrong way round",
        ),
        pytest.param(
            "seconds = 3.5, range = [3, 5]",
            "seconds = 3.5, range = [3]",
            "file.toml: exercise[0].phases[1].range: Expected a list of 2 entries, each a number "
            f"of seconds from 0 to 600, found a list of 1 entries. {BRIDGE}",
            id="a range with one end",
        ),
        pytest.param(
            "reps = 8",
            "reps = 10000",
            "file.toml: exercise[0].reps: Expected a whole number from 1 to 100, found 10000. "
            f"{BRIDGE}",
            id="ten thousand repetitions",
        ),
        pytest.param(
            "reps = 8",
            "reps = 12",
            f"file.toml: exercise[0].reps: 12 lies outside the cited range of 5 to 10. {BRIDGE}",
            id="more repetitions than cited",
        ),
        pytest.param(
            "sets = 2\nsets_range = [1, 3]",
            "sets_range = [2, 3]",
            f"file.toml: exercise[0].sets: 1 lies outside the cited range of 2 to 3. {BRIDGE}",
            id="the default is held against the cited range, too",
        ),
        pytest.param(
            "rest_between_sets = 20",
            "seconds_range = [4, 5]\nrest_between_sets = 20",
            "file.toml: exercise[0].phases: The phases take 9.5 seconds together, which lies "
            f"outside the cited range of 4 to 5. {BRIDGE}",
            id="phases that are longer than cited",
        ),
        pytest.param(
            "rest_between_sets = 20",
            "seconds_range = [10, 9]\nrest_between_sets = 20",
            "file.toml: exercise[0].seconds_range: A range goes from the smaller to the larger: "
            f"[9, 10]. {BRIDGE}",
            id="a range of seconds that is the wrong way round",
        ),
        pytest.param(
            "times_per_day = [1, 3]",
            "times_per_day = [3, 1]",
            "file.toml: frequency.times_per_day: A range goes from the smaller to the larger: "
            "[1, 3].",
            id="a frequency that is the wrong way round",
        ),
        pytest.param(
            'side = "left-then-right"',
            'side = "lefty"',
            "file.toml: exercise[1].side: Expected one of 'both', 'left-then-right', 'alternate', "
            f"found 'lefty'. {KNEE}",
            id="an unknown side",
        ),
        pytest.param(
            'side = "left-then-right"',
            'side = "left then right"',
            "file.toml: exercise[1].side: Expected one of 'both', 'left-then-right', 'alternate', "
            f"found 'left then right'. {KNEE} Did you mean left-then-right?",
            id="a misspelt side",
        ),
        pytest.param(
            "reps_per_side = true\n",
            "",
            "file.toml: exercise[1].reps_per_side: The key reps_per_side is missing. Say true if "
            f"reps counts each side for itself, false if both sides share them. {KNEE}",
            id="sides without saying whose repetitions are counted",
        ),
        pytest.param(
            "reps_per_side = true",
            "reps_per_side = false",
            "file.toml: exercise[1].reps: Left and right share the repetitions, so their number "
            f"has to be even. {KNEE}",
            id="repetitions that cannot be shared",
        ),
        pytest.param(
            "reps = 8",
            "reps = 8\nreps_per_side = true",
            "file.toml: exercise[0].reps_per_side: Both sides move together here, so leave "
            f"reps_per_side out or name the side. {BRIDGE}",
            id="repetitions of each side where there are none",
        ),
        pytest.param(
            'how = "Lift',
            'left = "Left leg"\nhow = "Lift',
            "file.toml: exercise[0].text.en.left: Both sides move together here, so no side is "
            f"ever named. {BRIDGE}",
            id="a name for a side that is never named",
        ),
        pytest.param(
            'id = "knee-to-chest"',
            'id = "bridge"',
            "file.toml: exercise[1].id: The id 'bridge' is taken by exercise[0]; each needs its "
            "own.",
            id="two exercises with one id",
        ),
        pytest.param(
            'position = "lying on your back"\nequipment',
            'position = "lying on you back"\nequipment',
            "file.toml: exercise[0].position: Expected one of 'standing', 'sitting', 'on all "
            "fours', 'half kneeling', 'lying on your back', 'lying on your front', 'lying on your "
            f"side', found 'lying on you back'. {BRIDGE} Did you mean lying on your back?",
            id="a misspelt position",
        ),
        pytest.param(
            '["mat"]',
            '["mat", "matt"]',
            "file.toml: exercise[0].equipment[1]: Expected one of 'chair', 'cushion', 'mat', "
            f"'towel', 'wall', found 'matt'. {BRIDGE} Did you mean mat?",
            id="equipment the kiosk has no words for",
        ),
        pytest.param(
            'do = "hold", seconds = 3.5',
            'do = "hodl", seconds = 3.5',
            f"file.toml: exercise[0].phases[1].do: Expected one of {PHASE_NAMES}, found 'hodl'. "
            f"{BRIDGE} Did you mean hold?",
            id="a misspelt phase",
        ),
        pytest.param(
            'phases = { lift = "hips up" }',
            'phases = { lfit = "hips up" }',
            "file.toml: exercise[0].text.en.phases.lfit: The key is to be one of "
            f"{PHASE_NAMES}, not 'lfit'. {BRIDGE} Did you mean lift?",
            id="words for a misspelt phase",
        ),
        pytest.param(
            'phases = { lift = "hips up" }',
            'phases = { turn = "round" }',
            "file.toml: exercise[0].text.en.phases.turn: No phase of this exercise is 'turn', so "
            f"this is never said. {BRIDGE}",
            id="words for a phase that does not come",
        ),
        pytest.param(
            'phases = [{ do = "hold", seconds = 20 }]',
            'phases = [{ do = "lift", seconds = 0.5 }, { do = "hold", seconds = 0.75 }]',
            "file.toml: exercise[1].phases: The phases of a repetition take 1.25 seconds "
            f"together; at least 2 are needed to count along. {KNEE}",
            id="a repetition too short to count",
        ),
        pytest.param(
            'phases = [{ do = "hold", seconds = 20 }]',
            "phases = []",
            "file.toml: exercise[1].phases: Expected a list of 1 to 12 tables, found a list of 0 "
            f"entries. {KNEE}",
            id="no phases",
        ),
        pytest.param(
            'phases = [{ do = "hold", seconds = 20 }]',
            "phases = [" + 13 * "{ do = 'hold', seconds = 2 }, " + "]",
            "file.toml: exercise[1].phases: Expected a list of 1 to 12 tables, found a list of 13 "
            f"entries. {KNEE}",
            id="thirteen phases",
        ),
        pytest.param(
            '[[exercise.source]]\ntitle = "Another leaflet"\nsays = "20 seconds, 3 times on each '
            'side"\n',
            "",
            "file.toml: exercise[1].source: The key source is missing; it takes a list of 1 to 10 "
            f"tables. Where the dose comes from. {KNEE}",
            id="an exercise without a source",
        ),
        pytest.param(
            'summary = "Something to test with."',
            'summary = "  "',
            "file.toml: text.en.summary: Expected text of 1 to 600 characters, "
            f"{LINE}, found '  '.",
            id="a blank text",
        ),
        pytest.param(
            'title = "Two exercises"',
            'title = ""',
            f"file.toml: text.en.title: Expected text of 1 to 80 characters, {LINE}, found ''.",
            id="an empty text",
        ),
        pytest.param(
            'title = "Two exercises"',
            'title = "Two\\u001b[31m exercises"',
            f"file.toml: text.en.title: Expected text of 1 to 80 characters, {LINE}, found "
            "'Two\\x1b[31m exercises'.",
            id="a control character",
        ),
        pytest.param(
            'title = "Two exercises"',
            f'title = "{"long " * 20}"',
            f"file.toml: text.en.title: Expected text of 1 to 80 characters, {LINE}, found 100 "
            "characters.",
            id="a title too long to say",
        ),
        pytest.param(
            "[text.en]",
            "[text.English]",
            "file.toml: text.English: The key is to be text, a language code such as en or pt_BR, "
            "not 'English'.",
            id="a language that is no code",
        ),
        pytest.param(
            '[exercise.text.en]\nname = "Knee',
            '[exercise.text.de]\nname = "Knee',
            "file.toml: text: No language is there for the program and all of its exercises: 'en' "
            "is missing in exercise[1].",
            id="an exercise in another language",
        ),
        pytest.param(
            "level = 2",
            'level = 2\nnext = "two-exercises"',
            "file.toml: next: A program cannot be its own easier or harder level.",
            id="a program that leads on to itself",
        ),
        pytest.param(
            "[frequency]\ntimes_per_day = [1, 3]\ndays_per_week = [5, 7]\n",
            'frequency = "daily"\n',
            "file.toml: frequency: Expected a table, found 'daily'.",
            id="a text for a table",
        ),
    ],
)
def test_a_mistake_is_told_in_words(old, new, complaint):
    assert complaint in complaints(changed(old, new))


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
    assert [complaint.split(": ")[1] for complaint in complaints(text)] == [
        "level",
        "lvl",
        "exercise[0].sets",
        "exercise[0].phases[1].seconds",
        "exercise[1].side",
        "exercise[1].text.en.how",
        "exercise[1].id",
    ]


def test_a_value_that_is_wrong_in_itself_is_told_once():
    assert len(complaints(changed("reps = 8", "reps = 999"))) == 1
