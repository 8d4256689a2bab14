"""What every speech engine does, the real one and its stand-in alike."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from kiosk.errors import SpeechError
from kiosk.speech.engine import SpeechEngine
from kiosk.speech.model import SpeechEngineError
from kiosk.speech.wav import read_clip, trim
from tests.fakes.speech import FakeEngine
from tests.speech.kit import english

if TYPE_CHECKING:
    from kiosk.speech.engine import Pyttsx3Engine

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
