"""Whatever is set, wherever it is set, it is taken or refused in sentences."""

import contextlib
import io
from dataclasses import asdict

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from kiosk.app import make_environment
from kiosk.cli.main import make_parser
from kiosk.errors import SettingsError
from kiosk.locale.problems import line, sentence
from kiosk.schedule.occurrences import rules_of
from kiosk.settings.model import limits_of, setting_names, words_of
from kiosk.settings.sources import LayeredSettings, usable
from kiosk.system.time_zone import zone_of
from tests.fuzz.profile import tried
from tests.fuzz.spoilt import WILD, spoilt_bytes

FULL = b"""\
language = "en"
voice = "gmw/en"
rate = 155
sentence_pause_ms = 500
volume = 70
audio_device = "USB"
default_program = "hip-stretching"
pin = 17
led_pin = 27
quiet_from = "21:30"
quiet_to = "06:30"
time_zone = "Europe/Oslo"
host = "127.0.0.1"
host_names = "kiosk.example"
port = 8080
"""

ODD = (
    *("", " ", "none", "None", "0", "-1", "17", "27", "155", "999", "1.5", "1e2", "true", "nan"),
    *("9" * 5000, "0x11", " 17 ", "+17", "1_7", "\u0661\u0667", "\u202etxt"),
    *("\x00", "a\nb", "\udcff", "\x7f", "8080"),
    *("21:30", "24:00", "7:5", "21:30:00", "21:30+01:00", "Europe/Oslo", "../Europe/Oslo", "UTC"),
    *("/etc/localtime", "localhost", "::1", "[::1]:80", "127.1", "a" * 300, "a..b", "ü.example"),
    *("http://kiosk/", "kiosk:80", "walk", "low-back-start", "caregivers", "anyone", "x, y", ","),
)  # fmt: skip

names = st.sampled_from(setting_names())
texts = st.sampled_from(ODD) | st.text(max_size=12) | st.integers(-5, 3000).map(str)
stored = st.dictionaries(names | st.text(max_size=5), texts, max_size=4)
variables = st.sampled_from(
    [f"KIOSK_{name.upper()}" for name in setting_names()]
    + ["KIOSK_", "KIOSK_RAET", "KIOSK_STATE_DIR", "kiosk_rate", "PATH", "KIOSK_\x1b[2J"]
)
environs = st.dictionaries(variables, texts, max_size=4)
options = st.dictionaries(
    names, texts | st.none() | st.integers(-5, 3000) | st.floats() | st.booleans(), max_size=4
)


@st.composite
def files(draw):
    """A settings file: the full one spoilt, or a few lines of its own; or none."""
    if draw(st.booleans()):
        return draw(spoilt_bytes(FULL))
    values = st.sampled_from(WILD) | st.integers(-5, 3000).map(str)
    keys = st.sampled_from([*setting_names(), "rat", '"\\u001b"', "a.b"])
    lines = draw(st.lists(st.tuples(keys, values), max_size=4))
    return "".join(f"{key} = {value}\n" for key, value in lines).encode()


def is_explained(error):
    """Each problem names where it stands, in letters that any screen shows."""
    assert error.problems
    for problem in error.problems:
        assert problem.source, problem
        assert line(problem).isprintable(), problem
        assert sentence(problem).endswith("."), problem


def is_valid(settings):
    """Every value lies within its limits, and the plan's rules follow from them."""
    for name, value in asdict(settings).items():
        if (limits := limits_of(name)) and value is not None:
            assert limits.low <= value <= limits.high, (name, value)
        if words := words_of(name):
            assert value in words, (name, value)
    rules_of(settings)


def as_texts(settings):
    """The settings as the running kiosk keeps them."""
    values = asdict(settings).items()
    return {name: "none" if value is None else str(value) for name, value in values}


@given(files(), environs, options, stored, st.booleans())
@tried(80)
def test_whatever_is_set_is_taken_or_refused_in_sentences(
    tmp_path, file, environ, given_, stored, copy
):
    (tmp_path / "kiosk.toml").write_bytes(file)
    good = tmp_path / "kiosk.toml.good"
    good.unlink(missing_ok=True)
    if copy:
        good.write_bytes(FULL)
    source = LayeredSettings.read(tmp_path, environ, given_, forgiving=copy)
    for passed_over in source.passed_over:
        assert line(passed_over).isprintable()
    try:
        settings = source.load(usable(source, stored))
    except SettingsError as error:
        event("complained of")
        is_explained(error)
        with pytest.raises(SettingsError):
            source.load({})
        return
    event("taken")
    is_valid(settings)
    assert source.load(usable(source, as_texts(settings))) == settings


@given(stored)
@tried(30)
def test_whatever_is_stored_is_taken_or_refused_in_sentences(tmp_path, stored):
    source = LayeredSettings.read(tmp_path, {}, {})
    try:
        is_valid(source.load(stored))
    except SettingsError as error:
        is_explained(error)
    is_valid(source.load(usable(source, stored)))


@given(st.sampled_from(ODD) | st.text(max_size=20))
@tried(30)
def test_whatever_is_said_to_be_a_time_zone_is_one_or_is_complained_of(name):
    try:
        zone_of(name, {"TZ": "UTC"})
    except SettingsError as error:
        is_explained(error)


COMMANDS = ("run", "check", "say", "programs", "cues", "render", "doctor", "plan", "level")
WORDS = (
    *("--rate", "--volume", "--pin", "--led-pin", "--host", "--port", "--voice", "--program"),
    *("--audio-device", "--state-dir", "--simulate", "--verbose", "--json", "--", "-", "--rate="),
    *("--pin=17", "--ra", "155", "low-back-start", "add", "list", "set", "squat"),
)


@st.composite
def command_lines(draw):
    """Options with something after each, or words in any order."""
    if draw(st.booleans()):
        return draw(st.lists(st.sampled_from(WORDS) | texts, max_size=6))
    pairs = st.tuples(st.sampled_from(WORDS[:9]), texts)
    return [word for pair in draw(st.lists(pairs, max_size=3)) for word in pair]


@given(
    st.sampled_from(("run", *COMMANDS)),
    command_lines(),
    environs,
)
@tried(30)
def test_whatever_stands_on_the_command_line_is_taken_or_refused_in_sentences(
    tmp_path, command, words, environ
):
    said = io.StringIO()
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
        try:
            args = make_parser([command]).parse_args([command, *words])
        except SystemExit as end:
            event("ended by the parser")
            code = end.code
            assert code in (0, 2)
            return
    given_ = {name: getattr(args, name) for name in getattr(args, "setting_names", ())}
    event("taken")
    try:
        is_valid(make_environment(str(tmp_path), environ, given_, forgiving=True).settings)
    except SettingsError as error:
        is_explained(error)


# --- what was found


def complaints(source, stored=None):
    with pytest.raises(SettingsError) as caught:
        source.load(stored or {})
    return [line(problem) for problem in caught.value.problems]


def test_a_name_of_thirty_thousand_dots_does_not_keep_the_kiosk_from_starting(tmp_path):
    """The TOML reader took twenty seconds over it, and minutes on a small board."""
    path = tmp_path / "kiosk.toml"
    path.write_text("rate = 150\na" + ".a" * 30_000 + " = 1\n")
    assert complaints(LayeredSettings.read(tmp_path, {}, {})) == [
        f"{path}: The file has a line that is too long (line 2); 1,000 bytes are the most."
    ]


@pytest.mark.parametrize(
    ("text", "shown"), [("\x7f", r"\u007f"), ("\u202etxt", r"\u202etxt"), ("😀", "😀")]
)
def test_letters_that_turn_a_line_around_are_shown_as_letters(tmp_path, text, shown):
    source = LayeredSettings.read(tmp_path, {}, {"rate": text})
    assert complaints(source) == [
        f'option --rate: Expected a whole number from 120 to 200 (words a minute), not "{shown}".'
    ]


def test_the_name_of_a_stored_setting_does_not_begin_a_line_of_the_log(tmp_path, caplog):
    """It comes with a backup, which anybody may have written."""
    source = LayeredSettings.read(tmp_path, {}, {})
    stored = {"\nERROR all is lost": "1", "rate": "150"}
    assert usable(source, stored) == {"rate": "150"}
    assert [record.getMessage() for record in caplog.records] == [
        r"A stored setting is passed over. There is no setting '\nERROR all is lost'."
    ]
    assert complaints(source, stored) == [
        r'stored setting: "\nERROR all is lost": There is no such setting.'
    ]
