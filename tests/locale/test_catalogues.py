"""The kiosk's own words: all in the catalogue, none anywhere else, and other languages for free."""

import ast
import dataclasses
import re
from importlib.resources import files
from pathlib import Path

import polib
import pytest

from kiosk.errors import WordingError
from kiosk.locale.catalogues import languages, load_wording
from kiosk.programs.model import Equipment, PhaseName, Position
from kiosk.settings.model import Settings
from kiosk.timeline.notices import Notice, lead_in_texts
from kiosk.timeline.script import compile_timeline
from tests.builders import ENGLISH, a_program, an_exercise, ten_ms_a_letter

KIOSK = Path(str(files("kiosk")))

FAMILIES = {
    *(f"equipment.{item}" for item in Equipment),
    *(f"position.{position}" for position in Position),
    *(f"phase.{phase}" for phase in PhaseName),
    *(notice.value for notice in Notice),
}
"""Phrases whose ids are put together from a list of names."""


def catalogue(language: str) -> polib.POFile:
    return polib.pofile((KIOSK / "locale" / language / "LC_MESSAGES" / "kiosk.po").read_text())


def phrases(language: str) -> set[str]:
    return {entry.msgid for entry in catalogue(language) if entry.msgctxt is None}


def asked_for() -> set[str]:
    """The ids that the code asks for by name."""
    found = set()
    # The sentences of the audit log are of a catalogue of their own, as those of the pages.
    for path in {*KIOSK.rglob("*.py")} - {KIOSK / "locale" / "audit.py"}:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                names = ("say", "say_many", "_say")
                if node.func.attr in names and node.args:
                    found |= {
                        n.value
                        for n in ast.walk(node.args[0])
                        if isinstance(n, ast.Constant) and isinstance(n.value, str)
                    }
    return {key for key in found if not key.endswith(".") and not key.startswith("problem.")}


def test_what_the_code_says_and_what_the_catalogue_has_is_the_same():
    assert phrases("en") == asked_for() | FAMILIES


@pytest.mark.parametrize("language", languages())
def test_every_language_has_every_phrase_with_the_same_blanks_to_fill(language):
    def blanks(entry):
        texts = [entry.msgstr, *entry.msgstr_plural.values()]
        return {frozenset(re.findall(r"{(\w+)}", text)) for text in texts if text}

    english = {entry.msgid: entry for entry in catalogue("en") if entry.msgctxt is None}
    for entry in catalogue(language):
        if entry.msgctxt is None:
            assert blanks(entry) == blanks(english[entry.msgid]), entry.msgid
    assert phrases(language) == set(english)


def test_numbers_have_words_and_beyond_them_digits():
    assert [ENGLISH.number(n) for n in (1, 8, 21, 100, 101)] == [
        "one",
        "eight",
        "twenty-one",
        "one hundred",
        "101",
    ]


def test_one_and_many():
    assert ENGLISH.say_many("dose.reps", 1) == "one repetition."
    assert ENGLISH.say_many("dose.reps", 8) == "eight repetitions."


def test_a_phrase_that_is_missing_is_named():
    with pytest.raises(WordingError, match=r"'en' has no phrase 'sing'"):
        ENGLISH.say("sing")


def test_a_language_that_is_missing_is_named_with_those_there_are():
    with pytest.raises(WordingError, match=r"no wording for the language 'xx'.*there are: en"):
        load_wording("xx")


@pytest.mark.parametrize("language", ["../en", "", ".", "en/LC_MESSAGES"])
def test_a_language_is_never_taken_for_a_path(language):
    with pytest.raises(WordingError):
        load_wording(language)


@pytest.fixture
def backwards(tmp_path):
    """A catalogue of the language xx: English with each word backwards, its blanks as they are."""

    def reverse(text: str) -> str:
        return re.sub(r"{\w+}|\w+", lambda m: m[0] if m[0][0] == "{" else m[0][::-1].lower(), text)

    po = catalogue("en")
    for entry in po:
        entry.msgstr = reverse(entry.msgstr)
        entry.msgstr_plural = {n: reverse(t) for n, t in entry.msgstr_plural.items()}
    path = tmp_path / "xx" / "LC_MESSAGES" / "kiosk.po"
    path.parent.mkdir(parents=True)
    po.save(str(path))
    return path


@pytest.mark.usefixtures("backwards")
def test_a_second_language_needs_a_catalogue_and_the_programs_texts_and_no_code(tmp_path):
    wording = load_wording("xx", tmp_path)
    exercise = an_exercise()
    exercise = dataclasses.replace(exercise, text=dict.fromkeys(("en", "xx"), exercise.text["en"]))
    program = a_program(exercise)
    program = dataclasses.replace(program, text=dict.fromkeys(("en", "xx"), program.text["en"]))

    timeline = compile_timeline(program, wording, Settings(), ten_ms_a_letter)

    said = [cue.text for cue in timeline.cues]
    assert "Eno esicrexe." in said
    assert said.count("owt") == 4  # getting ready, the second repetition, both holds
    assert "Gniyrrac no." in lead_in_texts(timeline, wording)


@pytest.mark.usefixtures("backwards")
def test_a_program_without_the_language_says_what_is_missing(tmp_path):
    with pytest.raises(WordingError, match="'a-program' has no text in 'xx'"):
        compile_timeline(a_program(), load_wording("xx", tmp_path), Settings(), ten_ms_a_letter)


def test_what_a_language_lacks_is_said_in_english_and_the_log_names_it(backwards, tmp_path, caplog):
    backwards.write_text(backwards.read_text().replace('"gniyrrac no."', '""'))

    wording = load_wording("xx", tmp_path)

    assert wording.say("carry_on") == "Carrying on."
    assert "'xx' lacks carry_on; these are said in English." in caplog.text


def test_a_blank_that_nobody_fills_is_found_when_the_language_is_loaded(backwards, tmp_path):
    backwards.write_text(backwards.read_text().replace("{name}", "{nom}"))

    with pytest.raises(WordingError, match="in: name_as_sentence, next_exercise"):
        load_wording("xx", tmp_path)


def test_a_catalogue_that_is_no_catalogue_is_an_error_in_words(backwards, tmp_path):
    backwards.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(WordingError, match="'xx' cannot be read"):
        load_wording("xx", tmp_path)
