"""The record of the settings documents itself: its docstrings are the page of the reference."""

import ast
import re
from dataclasses import fields
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


def docstrings() -> dict[str, str]:
    """The docstring under each setting, by its name, on one line."""
    (record,) = (n for n in ast.parse(getsource(Settings)).body if isinstance(n, ast.ClassDef))
    docs = {}
    for field, text in pairwise(record.body):
        match field, text:
            case ast.AnnAssign(target=ast.Name(name)), ast.Expr(ast.Constant(str(doc))):
                docs[name] = " ".join(doc.split())
    return docs


def takes(name: str) -> str:
    """The kind of values that a setting takes, with their limits."""
    hint = get_type_hints(Settings)[name]
    kinds = get_args(hint) or (hint,)
    kind = "text" if str in kinds else "whole number"
    if NoneType in kinds:
        kind += " or none"
    if words := words_of(name):
        return f"{kind}, {' or '.join(f'`{word}`' for word in words)}"
    within = limits_of(name)
    return f"{kind}, {within.low} to {within.high} ({within.unit})" if within else kind


def section(name: str) -> str:
    """The page's section on a setting, on one line."""
    _, _, rest = PAGE.read_text(encoding="utf-8").partition(f"\n### `{name}`\n")
    return " ".join(re.split(r"\n##", rest)[0].split())


@pytest.mark.parametrize("field", fields(Settings), ids=lambda field: field.name)
def test_the_page_says_of_each_setting_what_the_code_says(field):
    value = field.default
    default = in_quotes(value) if isinstance(value, str) else str(value).lower()
    assert section(field.name) == (
        f"{docstrings()[field.name]} - Takes: {takes(field.name)} - Default: `{default}` "
        f"- Environment: `{variable_of(field.name)}`"
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


NO_HOSTS = ("kiosk:8080", "http://kiosk", "kiosk/", "two words", "-kiosk", "kiosk-", "kiosk..lan")
NO_HOSTS += ("kiosk.", "a.-b", "*.lan", "b" * 64, ".".join(["abcdefg"] * 32), "küche")


@pytest.mark.parametrize("name", NO_HOSTS)
def test_what_is_no_host_is_told(name):
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - its text is the name
        names_of_host(f"gym, {name}")
    assert str(caught.value) == name
