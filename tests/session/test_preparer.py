"""The preparer by itself: what is made once, what anew, and what only to be listened to."""

from dataclasses import replace

import pytest

from kiosk.errors import SpeechError
from kiosk.settings.model import Settings
from kiosk.speech.model import Voice
from kiosk.speech.preparer import SessionPreparer
from tests.builders import ENGLISH, a_program, an_exercise
from tests.session.bench import MarkedVoice, Shelf

PROGRAM = a_program()
OTHER = replace(a_program(an_exercise("Squat")), id="another-program")


class Preparer(SessionPreparer):
    """With settings that change."""

    def __init__(self, voice: MarkedVoice | None = None) -> None:
        self.in_force = Settings()
        shelf = Shelf(PROGRAM, OTHER)
        super().__init__(shelf, voice or MarkedVoice(), ENGLISH, lambda: self.in_force)


def test_a_preview_is_the_very_session():
    preparer = Preparer()

    preview = preparer.preview(PROGRAM)

    session = Preparer().prepare(PROGRAM.id)
    assert preview.timeline == session.timeline
    assert preview.bank.speech.keys() == session.bank.speech.keys()


def test_a_preview_lets_everybody_else_go_first_and_a_session_does_not():
    voice = MarkedVoice()
    preparer = Preparer(voice)
    preparer.preview(PROGRAM)
    preparer.sample("Hello.", Voice("en", "", 155))
    preparer.prepare(PROGRAM.id)
    preparer.prepare_notices()

    assert [patient for _, patient in voice.asked_by] == [True, True, False, False]


def test_a_preview_leaves_the_session_ready_that_was_made_last():
    preparer = Preparer()
    session = preparer.make(PROGRAM)
    preparer.preview(OTHER)

    assert preparer.make(PROGRAM) is session


def test_what_was_made_last_need_not_be_made_again_to_be_heard():
    preparer = Preparer()

    assert preparer.make(PROGRAM) is preparer.preview(PROGRAM)


def test_after_a_change_of_the_voice_a_session_is_made_anew():
    preparer = Preparer()
    session = preparer.make(PROGRAM)

    preparer.in_force = Settings(rate=125)
    assert preparer.make(PROGRAM) is not session

    preparer.in_force = Settings()
    assert preparer.make(PROGRAM) is not session


def test_a_change_that_cannot_be_heard_leaves_it_ready():
    preparer = Preparer()
    session = preparer.make(PROGRAM)
    preparer.in_force = Settings(volume=20, default_program="another-program")

    assert preparer.make(PROGRAM) is session


def test_a_session_whose_settings_change_while_it_is_made_is_of_one_piece_and_not_kept():
    voice = MarkedVoice()
    preparer = Preparer(voice)

    def change(_done: int, _total: int) -> None:
        preparer.in_force = Settings(rate=125, sentence_pause_ms=2000)

    made = preparer.make(PROGRAM, change)

    assert made.timeline == Preparer().make(PROGRAM).timeline
    assert preparer.make(PROGRAM) is not made
    assert [voice.rate for voice, _ in voice.asked_by] == [155, 125]


def test_a_sample_is_the_sentence_in_that_voice_alone():
    voice = MarkedVoice()
    preparer = Preparer(voice)
    croak = Voice("en", "croak", 120)

    take = preparer.sample("Lift your hips. And rest.", croak)

    assert [cue.text for cue in take.timeline.cues] == ["Lift your hips.", "And rest."]
    assert voice.asked_by == [(croak, True)]


def test_a_sample_that_cannot_be_spoken_says_why():
    with pytest.raises(SpeechError, match=r"The voice is broken: mend it\."):
        Preparer(MarkedVoice(missing=lambda _: True)).sample("Hello.", Voice("en", "croak", 120))
