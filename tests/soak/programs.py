"""The household's own programs: short ones, so that a year of them is soon done."""

ARMS, SIDES, LOW_BACK = "arms", "sides", "low-back-start"

_HEAD = """\
schema = 1
id = "{id}"
level = 1
rest_between_exercises = 5

[frequency]
times_per_day = [1, 4]
days_per_week = [1, 7]

[text.en]
title = "{title}"
summary = "For a whole year."
stop_rules = ["Stop if it hurts."]
"""

_EXERCISE = """
[[exercise]]
id = "{id}"
position = "{position}"
sets = {sets}
reps = {reps}
side = "{side}"{per_side}
get_ready = 4
phases = [{phases}]

[[exercise.source]]
title = "This house"
says = "as often as you like"

[exercise.text.en]
name = "{name}"
how = "Slowly."
"""

LIFT = '{ do = "lift", seconds = 1 }, { do = "lower", seconds = 1 }'
HOLD = '{ do = "lift", seconds = 1 }, { do = "hold", seconds = 3 }, { do = "rest", seconds = 1 }'


def _exercise(id: str, name: str, reps: int, **other: object) -> str:  # noqa: A002
    values = {"position": "standing", "sets": 1, "side": "both", "phases": LIFT, **other}
    values["per_side"] = "" if values["side"] == "both" else "\nreps_per_side = true"
    return _EXERCISE.format(id=id, name=name, reps=reps, **values)


PROGRAMS = {
    ARMS: _HEAD.format(id=ARMS, title="Arms")
    + _exercise("arm-lift", "Arm lift", 5)
    + _exercise("arm-hold", "Arm hold", 2, phases=HOLD),
    SIDES: _HEAD.format(id=SIDES, title="Both sides")
    + _exercise("leg-lift", "Leg lift", 3, side="left-then-right", phases=HOLD)
    + _exercise("reach", "Reach", 4, sets=2, side="alternate"),
}
"""What stands in their files, by their ids."""
