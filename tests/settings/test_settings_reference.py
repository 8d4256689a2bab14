"""The record of the settings documents itself: its docstrings are the page of the reference."""

import ast
import re
from dataclasses import dataclass, fields
from inspect import getsource
from itertools import pairwise
from pathlib import Path
from types import NoneType
from typing import get_args, get_type_hints

import pytest

from kiosk.errors import SettingsError
from kiosk.locale.problems import error_text
from kiosk.settings.model import (
    Settings,
    Within,
    limits_of,
    names_of_host,
    setting_names,
    words_of,
)
from kiosk.settings.sources import in_quotes, variable_of
from tests.settings.kit import load_settings

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "settings.md"

NUMBERS = [name for name in setting_names() if limits_of(name)]


@dataclass(frozen=True, slots=True)
class SettingEntry:
    """One setting, as the reference describes it."""

    name: str
    type: str
    """`text`, `whole number` or `whole number or none`."""

    default: str
    """As it stands in `kiosk.toml`; `none` where nothing is set."""

    limits: str
    """E.g. `120 to 200 (words a minute)`, or the words it takes; empty where any text is taken."""

    doc: str
    """What it does, on one line."""

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return variable_of(self.name)


def settings_reference() -> list[SettingEntry]:
    """Every setting, in the order in which they are declared."""
    docs = _docstrings(Settings)
    hints = get_type_hints(Settings)
    return [
        SettingEntry(
            name=field.name,
            type=_type_name(hints[field.name]),
            default=_default(field.default),
            limits=_takes(field.name),
            doc=docs[field.name],
        )
        for field in fields(Settings)
    ]


def _members(hint: object) -> tuple[object, ...]:
    return get_args(hint) or (hint,)


def _type_name(hint: object) -> str:
    name = "text" if str in _members(hint) else "whole number"
    return f"{name} or none" if NoneType in _members(hint) else name


def _takes(name: str) -> str:
    if words := words_of(name):
        return " or ".join(f"`{word}`" for word in words)
    within = limits_of(name)
    return f"{within.low} to {within.high} ({within.unit})" if within else ""


def _default(value: object) -> str:
    return in_quotes(value) if isinstance(value, str) else str(value).lower()


def _docstrings(record: type) -> dict[str, str]:
    """The docstring under each field of `record`, by the field's name, on one line."""
    (definition,) = (n for n in ast.parse(getsource(record)).body if isinstance(n, ast.ClassDef))
    docs = {}
    for field, text in pairwise(definition.body):
        match field, text:
            case ast.AnnAssign(target=ast.Name(name)), ast.Expr(ast.Constant(str(doc))):
                docs[name] = " ".join(doc.split())
    return docs


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


def test_a_setting_takes_a_number_within_limits_or_few_words_or_any_text():
    assert limits_of("port") == Within(0, 65535, "TCP port")
    assert words_of("now_seen_by") == ("anyone", "caregivers")
    assert (limits_of("voice"), words_of("voice")) == (None, ())
    assert not [name for name in setting_names() if limits_of(name) and words_of(name)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ()),
        (" , ", ()),
        ("Kiosk.LAN", ("kiosk.lan",)),
        ("gym, kiosk.example,gym", ("gym", "kiosk.example")),
        ("192.168.1.20, fd00::7", ("192.168.1.20", "fd00::7")),
        ("a-1." + "b" * 63, ("a-1." + "b" * 63,)),
    ],
)
def test_names_of_hosts_are_listed_with_commas(text, names):
    assert names_of_host(text) == names


@pytest.mark.parametrize(
    "name",
    [
        "kiosk:8080",
        "http://kiosk",
        "kiosk/",
        "two words",
        "-kiosk",
        "kiosk-",
        "kiosk..lan",
        "kiosk.",
        "a.-b",
        "*.lan",
        "b" * 64,
        ".".join(["abcdefg"] * 32),
        "küche",
    ],
)
def test_what_is_no_host_is_told(name):
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - its text is the name
        names_of_host(f"gym, {name}")
    assert str(caught.value) == name
