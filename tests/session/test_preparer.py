"""The studio by itself: what is made once, what anew, and what only to be listened to."""

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


def a_studio(voice: MarkedVoice | None = None) -> SessionPreparer:
    return SessionPreparer(Shelf(PROGRAM, OTHER), voice or MarkedVoice(), ENGLISH, Settings())


def test_a_preview_is_the_very_session():
    studio = a_studio()

    preview = studio.preview(PROGRAM)

    session = a_studio().prepare(PROGRAM.id)
    assert preview.timeline == session.timeline
    assert preview.bank.speech.keys() == session.bank.speech.keys()


def test_a_preview_lets_everybody_else_go_first_and_a_session_does_not():
    voice = MarkedVoice()
    studio = a_studio(voice)
    studio.preview(PROGRAM)
    studio.sample("Hello.", Voice("en", "", 155))
    studio.prepare(PROGRAM.id)
    studio.prepare_notices()

    assert [patient for _, patient in voice.asked_by] == [True, True, False, False]


def test_a_preview_leaves_the_session_ready_that_was_made_last():
    studio = a_studio()
    session = studio.make(PROGRAM)
    studio.preview(OTHER)

    assert studio.make(PROGRAM) is session


def test_what_was_made_last_need_not_be_made_again_to_be_heard():
    studio = a_studio()

    assert studio.make(PROGRAM) is studio.preview(PROGRAM)


def test_after_a_change_of_the_voice_a_session_is_made_anew():
    studio = a_studio()
    session = studio.make(PROGRAM)

    studio.change_settings(Settings(rate=125))
    assert studio.make(PROGRAM) is not session

    studio.change_settings(Settings())
    assert studio.make(PROGRAM) is not session


def test_a_change_that_cannot_be_heard_leaves_it_ready():
    studio = a_studio()
    session = studio.make(PROGRAM)
    studio.change_settings(Settings(volume=20, default_program="another-program"))

    assert studio.make(PROGRAM) is session


def test_a_session_whose_settings_change_while_it_is_made_is_of_one_piece_and_not_kept():
    voice = MarkedVoice()
    studio = a_studio(voice)

    def change(_done: int, _total: int) -> None:
        studio.change_settings(Settings(rate=125, sentence_pause_ms=2000))

    made = studio.make(PROGRAM, change)

    assert made.timeline == a_studio().make(PROGRAM).timeline
    assert studio.make(PROGRAM) is not made
    assert [voice.rate for voice, _ in voice.asked_by] == [155, 125]


def test_a_sample_is_the_sentence_in_that_voice_alone():
    voice = MarkedVoice()
    studio = a_studio(voice)
    croak = Voice("en", "croak", 120)

    take = studio.sample("Lift your hips. And rest.", croak)

    assert [cue.text for cue in take.timeline.cues] == ["Lift your hips.", "And rest."]
    assert voice.asked_by == [(croak, True)]


def test_a_sample_that_cannot_be_spoken_says_why():
    with pytest.raises(SpeechError, match=r"The voice is broken: mend it\."):
        a_studio(MarkedVoice(missing=lambda _: True)).sample("Hello.", Voice("en", "croak", 120))
