"""The code that lets a caregiver in, as a score."""

from hypothesis import given
from hypothesis import strategies as st

from kiosk.timeline.layout import lay_out
from kiosk.timeline.notices import code_score, code_texts
from kiosk.timeline.score import texts_of
from tests.builders import ENGLISH, ten_ms_a_letter

codes = st.text("0123456789", min_size=6, max_size=6)


def test_it_is_said_by_threes_and_twice():
    timeline = lay_out(code_score("407129", ENGLISH), ten_ms_a_letter)

    digits = ["four", "zero", "seven", "one", "two", "nine"]
    assert [cue.text for cue in timeline.cues] == [
        *("The code is:", *digits),
        *("Once more:", *digits),
    ]
    pauses = [later.at - cue.end for cue, later in zip(timeline.cues, timeline.cues[1:])]  # noqa: B905
    once = [600, 600, 600, 1300, 600, 600]
    assert pauses == [*once, 1300, *once]


@given(codes)
def test_no_text_tells_more_than_one_digit(code):
    words = {ENGLISH.number(n) for n in range(10)}
    for text in texts_of(code_score(code, ENGLISH)):
        assert text in words or not words & set(text.lower().strip(":").split())


@given(codes)
def test_whatever_the_code_is_what_was_rendered_beforehand_is_enough(code):
    assert set(texts_of(code_score(code, ENGLISH))) <= set(code_texts(ENGLISH))
