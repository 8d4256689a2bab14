"""What every speech engine does, the real one and its stand-in; and which voice a name means."""

from collections.abc import Callable

import pytest

from kiosk.errors import SpeechError
from kiosk.speech.engine import Pyttsx3Engine, SpeechEngine
from kiosk.speech.model import Known, SpeechEngineError, Voice, choose_voice
from kiosk.speech.wav import read_clip, trim
from tests.fakes.speech import FakeEngine
from tests.speech.kit import english

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
