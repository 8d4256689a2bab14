"""A program file that is right becomes the program it describes."""

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
from kiosk.programs.reader import parse_program, read_program
from tests.programs.files import GOOD, changed


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
    assert parse_program(GOOD, "file.toml") == Program(
        id="two-exercises",
        level=2,
        frequency=Frequency(Bounds(1, 3), Bounds(5, 7)),
        rest_between_exercises=5_000,
        exercises=(bridge, knee_to_chest),
        text={
            "en": ProgramText("Two exercises", "Something to test with.", ("Stop if it hurts.",))
        },
    )


def test_levels_and_rests_that_are_named_are_taken():
    text = changed(
        "level = 2\n",
        'level = 2\nprevious = "easier"\nnext = "harder"\nrest_between_exercises = 7.25\n',
    )
    program = parse_program(text, "file.toml")
    assert (program.previous_level, program.next_level) == ("easier", "harder")
    assert program.rest_between_exercises == 7_250


def test_seconds_are_rounded_to_the_nearest_millisecond():
    text = changed("seconds = 3.5,", "seconds = 3.3336,")
    assert parse_program(text, "file.toml").exercises[0].phases[1].duration == 3334


def test_a_second_language_is_a_second_table():
    german = """
[text.de]
title = "Zwei Übungen"
summary = "Zum Ausprobieren."
stop_rules = ["Bei Schmerzen aufhören."]
"""
    with_title = GOOD + german
    assert parse_program(with_title, "file.toml").languages == {"en"}
    bridge = '[exercise.text.de]\nname = "Brücke"\nhow = "Heben."\n'
    knee = '[exercise.text.de]\nname = "Knie zur Brust"\nhow = "Ziehen."\n'
    whole = changed(
        '[exercise.text.en]\nname = "Knee', knee + '[exercise.text.en]\nname = "Knee', with_title
    )
    whole = changed(
        '[exercise.text.en]\nname = "Bridge', bridge + '[exercise.text.en]\nname = "Bridge', whole
    )
    program = parse_program(whole, "file.toml")
    assert program.languages == {"en", "de"}
    assert program.exercises[0].text["de"].name == "Brücke"


def test_a_file_saved_by_a_windows_editor_is_read(tmp_path):
    path = tmp_path / "program.toml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert read_program(path) == parse_program(GOOD, "file.toml")
