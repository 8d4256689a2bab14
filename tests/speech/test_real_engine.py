"""pyttsx3 and espeak-ng themselves, in the kiosk's own child process."""

import os
import select
import signal
import subprocess
import sys
from functools import partial
from itertools import pairwise

import pytest

from kiosk.errors import SpeechError
from kiosk.speech.engine import LONGEST_TEXT, own_command, speakable
from kiosk.speech.model import SpeechEngineError, Voice
from kiosk.speech.wav import read_clip, trim
from kiosk.units import millis_of
from tests.builders import at_once
from tests.speech.kit import child, english

ALIKE_MS = 20
"""espeak adds a little chance to its noises: no two renderings of a text are quite the same."""


def rendered(engine, text, voice, folder):
    """The trimmed length of `text` in milliseconds."""
    engine.render(text, voice, folder / "clip.wav")
    return millis_of(len(trim(read_clip(folder / "clip.wav"))) // 2)


def wait_for_the_end_of(pid):
    """Whether the process ends within ten seconds."""
    handle = os.pidfd_open(pid)
    try:
        return bool(select.select([handle], [], [], 10)[0])
    finally:
        os.close(handle)


def test_its_identity_names_library_and_binding(espeak):
    library, binding = espeak.identity.split(" / ")
    assert library.split()[0] == "espeak-ng"
    assert binding == "pyttsx3 2.99"


def test_one_child_renders_many_texts(espeak, tmp_path):
    pids = set()
    for text in ("one", "two", "three"):
        espeak.render(text, english(), tmp_path / "clip.wav")
        pids.add(espeak.child_pid)

    assert len(pids) == 1
    assert None not in pids


def test_rate_and_voice_of_one_text_never_reach_the_next(make_engine, tmp_path):
    engine = make_engine()
    asked = [english(rate, name) for rate in (120, 200, 155) for name in ("en-us", "", "en-us+f3")]
    lengths, pids = [], set()
    for _ in range(8):
        lengths.append([rendered(engine, "seven", voice, tmp_path) for voice in asked])
        pids.add(engine.child_pid)

    assert len(pids) == 1, "a child broke over a text"
    for times in zip(*lengths, strict=True):
        assert max(times) - min(times) <= ALIKE_MS


@pytest.mark.parametrize(
    ("voice", "usual"),
    [
        (Voice("en", "english_(america)", 155), Voice("en", "gmw/en-us", 155)),
        (Voice("de", "", 155), Voice("en", "gmw/de", 155)),
        (Voice("en-AU", "", 155), Voice("de", "gmw/en", 155)),
    ],
)
def test_a_voice_goes_by_many_names(espeak, tmp_path, voice, usual):
    text = "77 Z Z Z"
    lengths = [rendered(espeak, text, who, tmp_path) for who in (voice, usual)]

    assert abs(lengths[0] - lengths[1]) <= ALIKE_MS


def test_another_voice_sounds_different(espeak, tmp_path):
    text = "77 Z Z Z"
    lengths = sorted(
        rendered(espeak, text, english(name=name), tmp_path)
        for name in ("gmw/en", "gmw/en-us", "gmw/de", "gmw/en-us+f3")
    )

    assert all(b - a > ALIKE_MS for a, b in pairwise(lengths)), lengths


def test_it_lists_its_voices(espeak):
    assert ("gmw/en", "English (Great Britain)", "en-gb") in espeak.voices()
    assert len(espeak.voices()) > 100


@pytest.mark.parametrize(
    ("voice", "message"),
    [
        (
            Voice("nb", "Daniel", 155),
            "The speech engine has no voice 'Daniel'. Near ones: gmq/nb.",
        ),
        (Voice("en", "en-us+q9", 155), "The speech engine cannot load the voice gmw/en-us+q9."),
    ],
)
def test_an_unknown_voice_is_answered_with_near_ones(espeak, tmp_path, voice, message):
    with pytest.raises(SpeechEngineError) as refusal:
        espeak.render("one", voice, tmp_path / "clip.wav")

    assert str(refusal.value) == f"{message} `espeak-ng --voices` lists all of them."
    assert not (tmp_path / "clip.wav").exists()


@pytest.mark.parametrize(
    "text",
    ["one\x00two", "one\x01 50P two", "[[w'Vn]]", "<speak>one", "😀", "one\udc80", "naïve — “q”"],
)
def test_odd_characters_do_no_harm(espeak, tmp_path, text):
    assert rendered(espeak, text, english(), tmp_path) > 200


def test_orders_to_the_engine_are_taken_out_of_a_text():
    assert speakable("  one\x01 50P\ntwo\u00ad-fold\x00 \ud800") == "one 50P two-fold"


def test_an_overlong_text_is_refused_before_it_is_tried(make_engine, tmp_path):
    engine = make_engine()
    text = "word " * 500

    with pytest.raises(SpeechError) as refusal:
        engine.render(text, english(), tmp_path / "clip.wav")

    assert str(refusal.value) == (
        f"The text {text[:59] + '…'!r} has 2499 characters; at most {LONGEST_TEXT} can be spoken at"
        " once. Split it into shorter texts."
    )
    assert engine.child_pid is None


@pytest.mark.parametrize("name", ["hüfte.wav", "two\nlines.wav", "\udc80.wav"], ids=ascii)
def test_any_file_name_will_do(make_engine, tmp_path, name):
    """Even on a terminal that cannot show it; pyttsx3 prints the name of each file."""
    engine = make_engine(["env", "PYTHONIOENCODING=ascii", *own_command()])

    engine.render("one", english(), tmp_path / name)

    assert trim(read_clip(tmp_path / name))


def test_a_child_that_was_killed_between_two_texts_is_replaced(make_engine, tmp_path):
    engine = make_engine()
    engine.render("one", english(), tmp_path / "clip.wav")
    first = engine.child_pid
    os.kill(first, signal.SIGKILL)
    assert wait_for_the_end_of(first)

    engine.render("two", english(), tmp_path / "clip.wav")

    assert engine.child_pid not in (None, first)


def test_a_child_that_was_frozen_is_given_up_and_replaced(make_engine, tmp_path):
    engine = make_engine(time_limit=2)
    engine.render("one", english(), tmp_path / "clip.wav")
    first = engine.child_pid
    os.kill(first, signal.SIGSTOP)

    with pytest.raises(SpeechError, match="no answer within 2 s over the text 'two'"):
        engine.render("two", english(), tmp_path / "clip.wav")

    assert engine.child_pid is None
    engine.render("three", english(), tmp_path / "clip.wav")


def test_a_child_that_left_for_want_of_work_is_replaced(make_engine, tmp_path):
    engine = make_engine(child("with_another_renderer.py", "soon-idle"))
    engine.render("one", english(), tmp_path / "clip.wav")
    first = engine.child_pid
    assert first is None or wait_for_the_end_of(first)

    engine.render("two", english(), tmp_path / "clip.wav")


def test_closing_ends_the_child(make_engine, tmp_path):
    engine = make_engine()
    engine.render("one", english(), tmp_path / "clip.wav")
    handle = os.pidfd_open(engine.child_pid)

    engine.close()

    assert select.select([handle], [], [], 0)[0]
    os.close(handle)


def test_threads_take_turns(espeak, tmp_path):
    def render(number):
        for _ in range(5):
            espeak.render("one " * number, english(), tmp_path / f"{number}.wav")

    at_once(*(partial(render, number) for number in range(1, 5)))

    lengths = [len(trim(read_clip(tmp_path / f"{n}.wav"))) for n in range(1, 5)]
    assert lengths == sorted(lengths)
    assert len(set(lengths)) == 4


ORPHANING = """
import sys
from kiosk.speech.engine import Pyttsx3Engine
engine = Pyttsx3Engine()
engine.identity
print(engine.child_pid, flush=True)
sys.stdin.read()
"""


def test_the_child_does_not_outlive_a_kiosk_that_was_killed():
    with subprocess.Popen(
        [sys.executable, "-c", ORPHANING], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as kiosk:
        pid = int(kiosk.stdout.readline())
        handle = os.pidfd_open(pid)
        kiosk.kill()
        kiosk.wait()

    assert select.select([handle], [], [], 10)[0]
    os.close(handle)
