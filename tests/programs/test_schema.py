"""The JSON Schema says what the reader says, and the shipped copy is the printed one."""

import json
import tomllib

import pytest
from jsonschema import Draft202012Validator

from kiosk.programs.document import json_schema, schema_text
from kiosk.programs.files import ProgramLibrary, shipped_folder
from kiosk.programs.model import Equipment, PhaseName, Position
from tests.builders import ENGLISH
from tests.programs.files import GOOD, changed

SHIPPED = ProgramLibrary([shipped_folder()]).files()


def objections(text):
    """What the JSON Schema has against a file with this text: place and broken rule."""
    validator = Draft202012Validator(json_schema())
    errors = validator.iter_errors(tomllib.loads(text))
    return sorted((".".join(map(str, e.absolute_path)), e.validator) for e in errors)


def test_it_is_a_json_schema():
    Draft202012Validator.check_schema(json_schema())
    assert json_schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert json_schema()["title"] == "Exercise program"


def test_the_shipped_copy_is_the_printed_one():
    assert (shipped_folder() / "schema.json").read_text(encoding="utf-8") == schema_text()
    assert json.loads(schema_text()) == json_schema()


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_shipped_programs_name_it_and_keep_to_it(path):
    text = path.read_text(encoding="utf-8")
    assert text.startswith("#:schema ./schema.json\n")
    assert objections(text) == []


def test_a_good_file_keeps_to_it():
    assert objections(GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "objection"),
    [
        ("level = 2", "lvl = 2\nlevel = 2", ("", "additionalProperties")),
        ("reps = 8", "repz = 1\nreps = 8", ("exercise.0", "additionalProperties")),
        ("level = 2\n", "", ("", "required")),
        ("[text.en]", "[text.English]", ("text", "additionalProperties")),
        ("schema = 1", "schema = 2", ("schema", "maximum")),
        ("reps = 8", "reps = 10000", ("exercise.0.reps", "maximum")),
        ("seconds = 3.5", "seconds = 0", ("exercise.0.phases.1.seconds", "minimum")),
        ('side = "left-then-right"', 'side = "lefty"', ("exercise.1.side", "enum")),
        ('lift = "hips up"', 'lfit = "hips up"', ("exercise.0.text.en.phases", "enum")),
        ('["mat"]', '["matt"]', ("exercise.0.equipment.0", "enum")),
        ('"Something to test with."', '"  "', ("text.en.summary", "pattern")),
        ('"Two exercises"', '"a\\tb"', ("text.en.title", "pattern")),
    ],
)
def test_it_refuses_what_the_reader_refuses(old, new, objection):
    assert objections(changed(old, new)) == [objection]


def test_every_key_is_explained():
    for name, table in {"": json_schema(), **json_schema()["$defs"]}.items():
        for key, node in table.get("properties", {}).items():
            assert node.get("description"), f"{name}.{key}"


def test_the_kiosk_has_words_for_everything_a_file_can_name():
    for names, prefix in ((Equipment, "equipment"), (Position, "position"), (PhaseName, "phase")):
        for name in names:
            assert ENGLISH.say(f"{prefix}.{name.value}")
