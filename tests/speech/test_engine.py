"""What every speech engine does, the real one and its stand-in; and which voice a name means."""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from itertools import pairwise

import pytest

from kiosk.errors import SpeechError
from kiosk.speech.engine import LONGEST_TEXT, Pyttsx3Engine, SpeechEngine, own_command, speakable
from kiosk.speech.model import Known, SpeechEngineError, Voice, choose_voice
from kiosk.speech.wav import read_clip, trim
from kiosk.units import millis_of
from tests.builders import at_once
from tests.fakes.speech import FakeEngine
from tests.speech.kit import child, english

MakeEngine = Callable[[], SpeechEngine]


@pytest.fixture(params=["pyttsx3", "fake"])
def make(request: pytest.FixtureRequest) -> MakeEngine:
    if request.param == "fake":
        return FakeEngine
    make_real: Callable[[], Pyttsx3Engine] = request.getfixturevalue("make_engine")
    return make_real


@pytest.fixture
def engine(make: MakeEngine) -> SpeechEngine:
    return make()


def test_it_has_a_name_that_stays(engine, make):
    assert engine.identity
    assert engine.identity == engine.identity == make().identity


def test_it_writes_a_clip_with_sound_in_it(engine, tmp_path):
    engine.render("Lift your hips.", english(), tmp_path / "clip.wav")

    assert len(trim(read_clip(tmp_path / "clip.wav"))) > 20_000


def test_a_longer_text_takes_longer(engine, tmp_path):
    engine.render("One.", english(), tmp_path / "short.wav")
    engine.render("One and two and three.", english(), tmp_path / "long.wav")

    short, long = (len(trim(read_clip(tmp_path / f"{name}.wav"))) for name in ("short", "long"))
    assert long > 2 * short


def test_a_faster_voice_takes_less_time(engine, tmp_path):
    lengths = []
    for rate in (120, 155, 200):
        engine.render("Lift your hips.", english(rate), tmp_path / "clip.wav")
        lengths.append(len(trim(read_clip(tmp_path / "clip.wav"))))

    assert lengths[0] > 1.1 * lengths[1]
    assert lengths[1] > 1.1 * lengths[2]


def test_an_older_file_gives_way(engine, tmp_path):
    clip = tmp_path / "clip.wav"
    clip.write_bytes(b"RIFF" + bytes(1_000_000))

    engine.render("one", english(), clip)

    assert len(read_clip(clip)) < 100_000


@pytest.mark.parametrize("text", ["", " ", "\n\t "])
def test_a_text_without_words_is_refused_by_itself(engine, tmp_path, text):
    with pytest.raises(SpeechError, match="nothing to say") as refusal:
        engine.render(text, english(), tmp_path / "clip.wav")

    assert not isinstance(refusal.value, SpeechEngineError)
    engine.render("one", english(), tmp_path / "clip.wav")


def test_a_voice_it_does_not_have_fails_every_text(engine, tmp_path):
    with pytest.raises(SpeechEngineError, match="'Hal 9000'"):
        engine.render("Good morning.", english(name="Hal 9000"), tmp_path / "clip.wav")


def test_a_place_it_cannot_write_to_fails_every_text(engine, tmp_path):
    with pytest.raises(SpeechEngineError, match=r"nowhere/clip\.wav"):
        engine.render("one", english(), tmp_path / "nowhere" / "clip.wav")

    engine.render("one", english(), tmp_path / "clip.wav")


def test_after_it_was_closed_it_renders_nothing(engine, tmp_path):
    engine.render("one", english(), tmp_path / "clip.wav")
    engine.close()
    engine.close()

    with pytest.raises(SpeechEngineError, match="closed"):
        engine.render("two", english(), tmp_path / "clip.wav")


# Which voice a person means


VOICES = (
    Known("gmw/de", "German", "de"),
    Known("gmw/en-029", "English (Caribbean)", "en-029"),
    Known("gmw/en", "English (Great Britain)", "en-gb"),
    Known("gmw/en-us", "English (America)", "en-us"),
    Known("roa/pt", "Portuguese (Portugal)", "pt"),
    Known("roa/pt-br", "Portuguese (Brazil)", "pt-br"),
    Known("eu", "Basque", "eu"),
)


def chosen(name="", language="en"):
    return choose_voice(Voice(language, name, 155), VOICES)


@pytest.mark.parametrize(
    ("name", "voice"),
    [
        ("gmw/en-us", "gmw/en-us"),
        ("GMW/EN-US", "gmw/en-us"),
        ("  en-us ", "gmw/en-us"),
        ("en_US", "gmw/en-us"),
        ("en-gb", "gmw/en"),
        ("English (America)", "gmw/en-us"),
        ("English_(America)", "gmw/en-us"),
        ("german", "gmw/de"),
        ("eu", "eu"),
        ("en-us+f3", "gmw/en-us+f3"),
        ("en-us+Andy", "gmw/en-us+Andy"),
    ],
)
def test_by_name(name, voice):
    assert chosen(name) == voice


@pytest.mark.parametrize(
    ("language", "voice"),
    [
        ("en", "gmw/en"),
        ("EN", "gmw/en"),
        ("en-GB", "gmw/en"),
        ("en_US", "gmw/en-us"),
        ("en-AU", "gmw/en"),
        ("pt", "roa/pt"),
        ("pt_BR", "roa/pt-br"),
        ("pt-AO", "roa/pt"),
        ("eu", "eu"),
    ],
)
def test_by_language_where_no_name_is_given(language, voice):
    assert chosen(language=language) == voice
    assert chosen(name="  ", language=language) == voice


@pytest.mark.parametrize(
    ("name", "language", "message"),
    [
        ("en-uss", "en", "The speech engine has no voice 'en-uss'. Near ones: gmw/en-us."),
        ("Germann", "en", "The speech engine has no voice 'Germann'. Near ones: gmw/de."),
        (
            "Daniel",
            "en",
            "The speech engine has no voice 'Daniel'. Near ones: gmw/en-029, gmw/en, gmw/en-us.",
        ),
        ("Daniel", "tlh", "The speech engine has no voice 'Daniel'."),
        ("xx+f3", "tlh", "The speech engine has no voice 'xx+f3'."),
        ("", "tlh", "The speech engine has no voice for the language 'tlh'."),
        ("", "", "The speech engine has no voice for the language ''."),
    ],
)
def test_an_unknown_one_is_answered_with_near_ones(name, language, message):
    with pytest.raises(SpeechEngineError) as refusal:
        chosen(name, language)

    assert str(refusal.value) == f"{message} `espeak-ng --voices` lists all of them."


# pyttsx3 and espeak-ng themselves, in the kiosk's own child process


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
