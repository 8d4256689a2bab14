"""The household's own programs: short ones, so that a year of them is soon done."""

from kiosk.programs.document import toml_text

ARMS, SIDES, LOW_BACK = "arms", "sides", "low-back-start"

LIFT = [{"do": "lift", "seconds": 1}, {"do": "lower", "seconds": 1}]
HOLD = [{"do": "lift", "seconds": 1}, {"do": "hold", "seconds": 3}, {"do": "rest", "seconds": 1}]


def _exercise(id: str, name: str, reps: int, **other: object) -> dict[str, object]:  # noqa: A002
    values = {"sets": 1, "side": "both", "phases": LIFT, **other}
    per_side = {} if values["side"] == "both" else {"reps_per_side": True}
    return {
        "id": id,
        "position": "standing",
        "reps": reps,
        "get_ready": 4,
        "source": [{"title": "A leaflet", "says": "as often as you like"}],
        "text": {"en": {"name": name, "how": "Slowly."}},
        **values,
        **per_side,
    }


def _program(id: str, title: str, *exercises: dict[str, object]) -> str:  # noqa: A002
    text = {"title": title, "summary": "For a whole year.", "stop_rules": ["Stop if it hurts."]}
    return toml_text(
        {
            "schema": 1,
            "id": id,
            "level": 1,
            "rest_between_exercises": 5,
            "frequency": {"times_per_day": [1, 4], "days_per_week": [1, 7]},
            "text": {"en": text},
            "exercise": list(exercises),
        }
    )


PROGRAMS = {
    ARMS: _program(
        ARMS,
        "Arms",
        _exercise("arm-lift", "Arm lift", 5),
        _exercise("arm-hold", "Arm hold", 2, phases=HOLD),
    ),
    SIDES: _program(
        SIDES,
        "Both sides",
        _exercise("leg-lift", "Leg lift", 3, side="left-then-right", phases=HOLD),
        _exercise("reach", "Reach", 4, sets=2, side="alternate"),
    ),
}
"""The texts of their files, by their ids."""
