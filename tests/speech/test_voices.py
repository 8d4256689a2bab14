"""Which voice a person means."""

import pytest

from kiosk.speech.model import Known, SpeechEngineError, Voice, choose_voice

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
def test_an_unknown_one_is_told_with_near_ones(name, language, message):
    with pytest.raises(SpeechEngineError) as refusal:
        chosen(name, language)

    assert str(refusal.value) == f"{message} `espeak-ng --voices` lists all of them."
