"""Program files for tests: a small one that is right, and ways to spoil it."""

from kiosk.errors import Problem, ProgramFileError
from kiosk.locale.problems import line
from kiosk.programs.reader import parse_program

GOOD = """\
schema = 1
id = "two-exercises"
level = 2

[frequency]
times_per_day = [1, 3]
days_per_week = [5, 7]

[text.en]
title = "Two exercises"
summary = "Something to test with."
stop_rules = ["Stop if it hurts."]

[[exercise]]
id = "bridge"
position = "lying on your back"
equipment = ["mat"]
sets = 2
sets_range = [1, 3]
reps = 8
reps_range = [5, 10]
phases = [
    { do = "lift", seconds = 2 },
    { do = "hold", seconds = 3.5, range = [3, 5] },
    { do = "rest", seconds = 4, range = [3, 5] },
]
rest_between_sets = 20
[[exercise.source]]
title = "A leaflet"
says = "5 to 10 times"
[exercise.text.en]
name = "Bridge"
how = "Lift your hips. Hold. Lower them."
phases = { lift = "hips up" }

[[exercise]]
id = "knee-to-chest"
position = "lying on your back"
reps = 3
side = "left-then-right"
reps_per_side = true
phases = [{ do = "hold", seconds = 20 }]
change_sides = 9
get_ready = 12.5
[[exercise.source]]
title = "Another leaflet"
says = "20 seconds, 3 times on each side"
[exercise.text.en]
name = "Knee to chest"
how = "Draw one knee to your chest."
left = "Left knee"
right = "Right knee"
"""


def changed(old: str, new: str, text: str = GOOD) -> str:
    """The good file with the first `old` in it replaced; a test that changes nothing fails."""
    assert old in text, f"{old!r} is not in the file"
    return text.replace(old, new, 1)


def problems_of(text: str) -> tuple[Problem, ...]:
    """Every problem of a file with this text; none where it is right."""
    try:
        parse_program(text, "file.toml")
    except ProgramFileError as error:
        return error.problems
    return ()


def complaints(text: str) -> list[str]:
    """The same as a person reads it."""
    return [line(problem) for problem in problems_of(text)]
