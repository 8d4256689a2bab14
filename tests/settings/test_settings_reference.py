import re
from pathlib import Path

import pytest

from kiosk.errors import SettingsError
from kiosk.locale.problems import error_text
from kiosk.settings.model import Settings, limits_of, setting_names
from tests.settings.loading import load_settings
from tests.settings.reference import SettingEntry, settings_reference

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "settings.md"

NUMBERS = [name for name in setting_names() if limits_of(name)]


def section(name: str) -> str:
    """The page's section on a setting, on one line."""
    _, _, rest = PAGE.read_text(encoding="utf-8").partition(f"\n### `{name}`\n")
    return " ".join(re.split(r"\n##", rest)[0].split())


def test_the_reference_is_read_from_the_record_itself():
    reference = settings_reference()
    assert [entry.name for entry in reference] == list(setting_names())
    assert reference[2] == SettingEntry(
        name="rate",
        type="whole number",
        default="155",
        limits="120 to 200 (words a minute)",
        doc="How fast the voice speaks. Older listeners find about 155 easiest; slower synthetic "
        "speech is harder, not easier, to follow.",
    )
    assert reference[2].variable == "KIOSK_RATE"


@pytest.mark.parametrize("entry", settings_reference(), ids=lambda entry: entry.name)
def test_the_page_says_of_each_setting_what_the_code_says(entry):
    takes = f"{entry.type}, {entry.limits}" if entry.limits else entry.type
    assert section(entry.name) == (
        f"{entry.doc} - Takes: {takes} - Default: `{entry.default}` "
        f"- Environment: `{entry.variable}`"
    )


def test_the_page_describes_no_setting_that_is_not_there():
    described = re.findall(r"^### `(.*)`$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert described == list(setting_names())


def test_the_examples_on_the_page_can_be_used(tmp_path):
    page = PAGE.read_text(encoding="utf-8")
    (file,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    (command,) = re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
    (tmp_path / "kiosk.toml").write_text(file, encoding="utf-8")
    environ = dict(word.split("=") for word in command.split() if "=" in word)
    wanted = Settings(rate=140, audio_device="USB", led_pin=27)
    assert load_settings(tmp_path, {}, {}) == wanted
    assert load_settings(tmp_path / "elsewhere", environ, {}) == wanted


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_is_taken_up_to_its_limits_and_no_further(tmp_path, name):
    limits = limits_of(name)
    for value in (limits.low, limits.high):
        assert getattr(load_settings(tmp_path, {}, {name: value}), name) == value
    for value in (limits.low - 1, limits.high + 1):
        with pytest.raises(SettingsError) as caught:
            load_settings(tmp_path, {}, {name: value})
        assert f"from {limits.low} to {limits.high} (" in error_text(caught.value)
