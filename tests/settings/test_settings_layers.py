import json
import logging
from pathlib import Path

import pytest

from kiosk.errors import Problem, SettingsError
from kiosk.locale.problems import line, sentence
from kiosk.settings.model import Settings
from kiosk.settings.sources import LayeredSettings
from tests.settings.kit import load_settings

TOO_LONG = "The file has a line that is too long"
A_RATE = "Expected a whole number from 120 to 200 (words a minute)"


def write(state_dir: Path, text: str) -> Path:
    path = state_dir / "kiosk.toml"
    path.write_text(text, encoding="utf-8")
    return path


def problems_of(state_dir: Path, environ=None, options=None) -> list[Problem]:
    with pytest.raises(SettingsError) as caught:
        load_settings(state_dir, environ or {}, options or {})
    return list(caught.value.problems)


def lines_of(*places) -> list[str]:
    """The problems as a person gets them."""
    return [line(problem) for problem in problems_of(*places)]


def test_a_new_kiosk_has_the_defaults(tmp_path):
    assert load_settings(tmp_path / "not there yet", {}, {}) == Settings()


def test_every_setting_can_stand_in_the_file(tmp_path):
    texts = {"language": "de", "voice": "gmw/de", "audio_device": "USB"}
    texts |= {"default_program": "hip-stretching", "now_seen_by": "caregivers"}
    texts |= {"host": "127.0.0.1", "host_names": "Kiosk.lan, gym.example"}
    numbers = {"rate": 120, "sentence_pause_ms": 3000, "volume": 0, "lead_in_ms": 1500, "pin": 2}
    numbers |= {"led_pin": 27, "debounce_ms": 50, "hold_ms": 3000, "port": 0}
    numbers |= {"paused_reminder_s": 60, "paused_again_s": 61, "paused_limit_s": 62}
    values = texts | numbers
    write(tmp_path, "\n".join(f"{name} = {json.dumps(value)}" for name, value in values.items()))
    assert load_settings(tmp_path) == Settings(**values)


def test_options_win_over_the_environment_over_what_is_stored_over_the_file(tmp_path):
    write(tmp_path, "rate = 130\nvolume = 30\nhold_ms = 3000\nlead_in_ms = 0")
    stored = {"rate": "135", "volume": "35", "hold_ms": "3500"}
    environ = {"KIOSK_RATE": "140", "KIOSK_VOLUME": "40"}
    options = {"rate": 150, "volume": None}
    wanted = Settings(rate=150, volume=40, hold_ms=3500, lead_in_ms=0)
    assert load_settings(tmp_path, environ, options, stored) == wanted


@pytest.mark.parametrize(
    ("environ", "options", "settings"),
    [
        ({}, {"pin": "22", "voice": "150"}, {"pin": 22, "voice": "150"}),
        ({"KIOSK_AUDIO_DEVICE": "none"}, {}, {"audio_device": "none"}),
        ({"KIOSK_VOICE": "A (B)", "KIOSK_AUDIO_DEVICE": ""}, {}, {"voice": "A (B)"}),
    ],
    ids=["an option may be text", "none is a word where text is taken", "text as it is"],
)
def test_text_is_taken_as_it_was_typed(tmp_path, environ, options, settings):
    assert load_settings(tmp_path, environ, options) == Settings(**settings)


@pytest.mark.parametrize("word", ["none", "None", ""])
def test_a_light_of_the_file_can_be_taken_away_again(tmp_path, word):
    write(tmp_path, "led_pin = 27")
    assert load_settings(tmp_path, {"KIOSK_LED_PIN": word}, {}).led_pin is None
    assert load_settings(tmp_path, {}, {"led_pin": word}).led_pin is None
    write(tmp_path, f'led_pin = "{word}"')
    assert load_settings(tmp_path).led_pin is None


def test_a_byte_order_mark_does_no_harm(tmp_path):
    write(tmp_path, "\ufeffrate = 130")
    assert load_settings(tmp_path).rate == 130


def test_every_problem_of_every_place_is_told_at_once(tmp_path):
    path = write(tmp_path, 'Rat = 150\nvolume = 101\npin = "17"\nvoice = 5')
    environ = {"KIOSK_RATE": "fast", "KIOSK_HOLD_MS": "999"}
    options = {"pin": 40, "audio_device": "USB", "default_program": 5, "led_pin": "3.5"}
    of_variable = "environment variable KIOSK_"
    a_hold = "Expected a whole number from 1000 to 10000 (milliseconds)"
    a_pin = "Expected a whole number from 0 to 27 (BCM number)"
    assert lines_of(tmp_path, environ, options) == [
        f"{path}: Rat: There is no such setting. Did you mean rate?",
        f"{path}: volume: Expected a whole number from 0 to 100 (percent), not 101.",
        f'{path}: pin: {a_pin}, not "17".',
        f"{path}: voice: Expected printable text, not 5.",
        f'{of_variable}HOLD_MS: {a_hold}, not "999".',
        f'{of_variable}RATE: {A_RATE}, not "fast".',
        f"option --pin: {a_pin}, not 40.",
        "option --program: Expected printable text, not 5.",
        f'option --led-pin: {a_pin} or none, not "3.5".',
    ]


def test_a_name_that_no_terminal_takes_is_told_in_letters(tmp_path):
    path = write(tmp_path, r'"\u001b[2J" = 1')
    assert lines_of(tmp_path) == [rf'{path}: "\u001b[2J": There is no such setting.']


def test_a_wrong_value_is_told_even_where_a_later_place_sets_the_same(tmp_path):
    path = write(tmp_path, "rate = 900")
    assert lines_of(tmp_path, {}, {"rate": 150}) == [f"{path}: rate: {A_RATE}, not 900."]


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("true", "true"),
        ("155.0", "155.0"),
        ("nan", "nan"),
        ("[155]", "a list"),
        ("{ now = 155 }", "a table"),
        ("2026-01-01", "2026-01-01"),
        ("0x" + "f" * 900, "a number of many digits"),
        ('"' + "x" * 60 + '"', '"' + "x" * 40 + '…"'),
        (r'"\u001b[31m"', r'"\u001b[31m"'),
    ],
)
def test_what_is_no_number_in_the_file_is_told_in_short(tmp_path, written, told):
    path = write(tmp_path, f"rate = {written}")
    assert lines_of(tmp_path) == [f"{path}: rate: {A_RATE}, not {told}."]


FEW_WORDS = 'Expected "anyone" or "caregivers", not'
ONE_ADDRESS = "Expected one address, such as 0.0.0.0 or 127.0.0.1."
NO_PORT = "Expected a host's name or address, without a port, not"
NO_TEXT = "Expected printable text, not"


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        *(("RATE", text, A_RATE) for text in ("", "fast", "150.5", "true", "1e2", "9" * 5000)),
        ("RATE", "\udcff", A_RATE),
        ("VOICE", b"\xff".decode(errors="surrogateescape"), rf'{NO_TEXT} "\\udcff".'),
        ("VOICE", "two\nlines", rf'{NO_TEXT} "two\nlines".'),
        ("VOICE", "\0", rf'{NO_TEXT} "\u0000".'),
        *(
            ("NOW_SEEN_BY", word, f'{FEW_WORDS} "{word}".')
            for word in ("everybody", "Anyone", "", "caregiver")
        ),
        ("HOST", "0.0.0.0:80", f'{NO_PORT} "0.0.0.0:80".'),
        ("HOST", "", ONE_ADDRESS),
        ("HOST", "kiosk,gym", ONE_ADDRESS),
        ("LED_PIN", "17", "Pin 17 is the button's; give the light another."),
    ],
)
def test_what_the_environment_cannot_set(tmp_path, name, text, message):
    (told,) = lines_of(tmp_path, {f"KIOSK_{name}": text})
    assert told.startswith(f"environment variable KIOSK_{name}: {message}")
    assert told.isprintable()


def test_light_and_button_cannot_share_a_pin(tmp_path):
    path = write(tmp_path, "led_pin = 4")
    assert lines_of(tmp_path, {}, {"pin": 4}) == [
        f"{path}: led_pin: Pin 4 is the button's; give the light another."
    ]


def test_a_variable_that_sets_nothing_is_mentioned_but_stops_nothing(tmp_path, caplog):
    environ = {
        "KIOSK_RAET": "secret",
        "KIOSK_X": "",
        "KIOSK_STATE_DIR": "/somewhere",
        "KIOSK_CACHE_DIR": "/somewhere",
        "HOME": "/somewhere",
    }
    with caplog.at_level(logging.WARNING):
        assert load_settings(tmp_path, environ, {}) == Settings()
    assert caplog.messages == [
        "The environment variable KIOSK_RAET sets nothing. Did you mean KIOSK_RATE?",
        "The environment variable KIOSK_X sets nothing.",
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'voice = "\xe9"', "The file is not UTF-8 text (see byte 10); save it as UTF-8."),
        (b"rate: 150", "The file is not valid TOML: "),
        (b"rate = 1\nrate = 2", "The file is not valid TOML: "),
        (b"rate = 130\n" + b"9" * 1001, f"{TOO_LONG} (line 2); 1,000 bytes are the most."),
        (b"a." * 20_000 + b"b = 1", f"{TOO_LONG} (line 1); 1,000 bytes are the most."),
        (
            b"rate = " + b"[\n" * 9_000,
            "The file is nested too deeply; a setting is `name = value`.",
        ),
        (b"#" * (64 * 1024 + 1), "The file is larger than 64 kB; is it the right one?"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_with_the_other_problems(tmp_path, content, message):
    path = tmp_path / "kiosk.toml"
    path.write_bytes(content)
    of_file, of_option = problems_of(tmp_path, {}, {"rate": 5})
    assert (of_file.source, of_file.path) == (str(path), "")
    assert sentence(of_file).startswith(message)
    assert of_option.source == "option --rate"


def test_a_file_of_just_the_largest_size_is_read(tmp_path):
    text, line = "rate = 130\n", f"#{'x' * 999}\n"
    rest = 64 * 1024 - len(text)
    write(tmp_path, text + line * (rest // 1001) + "#" * (rest % 1001))
    assert load_settings(tmp_path).rate == 130


def test_what_is_no_file_or_cannot_be_reached_is_told(tmp_path):
    path = write(tmp_path, "") / "kiosk.toml"
    assert lines_of(path.parent) == [f"{path}: The file cannot be read: Not a directory."]
    folder = tmp_path / "state" / "kiosk.toml"
    folder.mkdir(parents=True)
    assert lines_of(folder.parent) == [f"{folder}: The file is not a plain file."]


def test_names_of_hosts_and_other_wrong_forms_are_told_together(tmp_path):
    environ = {"KIOSK_HOST_NAMES": "kiosk.lan, http://gym", "KIOSK_QUIET_FROM": "9 pm"}
    assert [sentence(problem) for problem in problems_of(tmp_path, environ)] == [
        'Expected a time of day such as 21:30, not "9 pm".',
        "Quiet hours need both ends: when they begin and when they end.",
        'Expected a host\'s name or address, without a port, not "http://gym".',
    ]


def test_a_stored_setting_that_cannot_be_used_is_told_by_its_name(tmp_path):
    with pytest.raises(SettingsError) as caught:
        load_settings(tmp_path, {}, {}, {"rate": "fast", "tempo": "1"})
    assert [(one.source, one.path) for one in caught.value.problems] == [
        ("stored setting", "rate"),
        ("stored setting", "tempo"),
    ]


class TestLayers:
    def test_they_tell_what_is_given_from_above_and_by_what(self, tmp_path):
        write(tmp_path, "rate = 130")
        environ = {"KIOSK_VOLUME": "50", "KIOSK_PIN": "4"}
        options = {"default_program": "hip-stretching", "pin": 5, "led_pin": None}
        assert LayeredSettings.read(tmp_path, environ, options).fixed() == {
            "volume": "KIOSK_VOLUME",
            "pin": "--pin",
            "default_program": "--program",
        }

    def test_they_stay_as_they_were_read(self, tmp_path):
        write(tmp_path, "rate = 130")
        layers = LayeredSettings.read(tmp_path, {}, {})
        write(tmp_path, "rate = fast")
        assert layers.load({"volume": "40"}) == Settings(rate=130, volume=40)

    def test_a_file_that_cannot_be_used_is_told_when_they_are_asked(self, tmp_path):
        path = write(tmp_path, "rate")
        layers = LayeredSettings.read(tmp_path, {}, {"pin": 40})
        with pytest.raises(SettingsError) as caught:
            layers.load({})
        assert [problem.source for problem in caught.value.problems] == [str(path), "option --pin"]
