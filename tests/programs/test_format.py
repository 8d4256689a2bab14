"""The JSON Schema and the reference page say what the reader says."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from kiosk.locale.problems import sentence
from kiosk.programs import LARGEST_FILE
from kiosk.programs.document import json_schema, plain_schema, schema_text
from kiosk.programs.files import ProgramLibrary, shipped_folder
from kiosk.programs.problems import expected
from kiosk.programs.reader import LONGEST_LINE
from tests.programs.files import changed, complaints

SHIPPED = ProgramLibrary([shipped_folder()]).files()


def objections(text):
    """What the JSON Schema has against a file with this text: place and broken rule."""
    validator = Draft202012Validator(json_schema())
    errors = validator.iter_errors(tomllib.loads(text))
    return sorted((".".join(map(str, e.absolute_path)), e.validator) for e in errors)


def test_it_is_a_json_schema_of_which_the_shipped_copy_is_the_printed_one():
    schema = json_schema()
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["title"] == "Exercise program"
    assert (shipped_folder() / "schema.json").read_text(encoding="utf-8") == schema_text()
    assert json.loads(schema_text()) == schema
    for name, table in {"": schema, **schema["$defs"]}.items():
        for key, node in table.get("properties", {}).items():
            assert node.get("description"), f"{name}.{key} is not explained"


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_shipped_programs_name_it_and_keep_to_it(path):
    text = path.read_text(encoding="utf-8")
    assert text.startswith("#:schema ./schema.json\n")
    assert objections(text) == []


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


# --- the reference page ---------------------------------------------------------------------------


PAGE = (Path(__file__).parents[2] / "docs/reference/program-file.md").read_text(encoding="utf-8")
(EXAMPLE,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
(MESSAGES,) = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)


def tables():
    """Every table of the format: the page's heading for it, and its part of the JSON Schema."""
    program = plain_schema()
    keys = program["properties"]
    exercise = keys["exercise"]["items"]
    (program_text,) = keys["text"]["patternProperties"].values()
    (exercise_text,) = exercise["properties"]["text"]["patternProperties"].values()
    return {
        "The whole program": program,
        "`[frequency]`": keys["frequency"],
        "`[text.LANGUAGE]`": program_text,
        "`[[exercise]]`": exercise,
        "`phases`": exercise["properties"]["phases"]["items"],
        "`[[exercise.source]]`": exercise["properties"]["source"]["items"],
        "`[exercise.text.LANGUAGE]`": exercise_text,
    }


def row(table, key):
    """The row of the page for `key`, as the code has it."""
    node = table["properties"][key]
    if key in table["required"]:
        default = "needed"
    else:
        default = f"`{json.dumps(node['default'])}`" if "default" in node else "left out"
    takes = sentence(expected(node)).replace("'", "`")
    return f"| `{key}` | {takes} | {default} | {node['description']} |"


@pytest.mark.parametrize("heading", tables())
def test_every_key_is_there_with_what_it_takes_and_its_default(heading):
    _, _, section = PAGE.partition(f"\n### {heading}\n")
    rows = [line for line in re.split(r"\n##", section)[0].splitlines() if line.startswith("| `")]
    table = tables()[heading]
    assert rows == [row(table, key) for key in table["properties"]]


def test_no_table_of_the_format_is_without_a_heading():
    known = {table["title"] for table in tables().values()}
    definitions = json_schema()["$defs"].values()
    written = {table["title"] for table in definitions if table["type"] == "object"}
    assert known == written | {"Exercise program"}


def test_the_example_can_be_used_and_has_every_key_in_it_and_the_messages_are_the_real_ones():
    assert complaints(EXAMPLE) == []
    used = set(re.findall(r"\w+", EXAMPLE))
    for table in tables().values():
        assert used >= set(table["properties"])
    assert tomllib.loads(EXAMPLE)["id"] == "morning"

    spoilt = changed("level = 2", "level = 2\nlvl = 2", EXAMPLE)
    spoilt = changed("seconds = 20", "seconds = 40", spoilt)
    found = [line.replace("file.toml", "morning.toml") for line in complaints(spoilt)]
    assert found == MESSAGES.splitlines()

    assert "The file has up to 1 MB, in lines of up to 5,000 characters." in " ".join(PAGE.split())
    assert (LARGEST_FILE, LONGEST_LINE) == (1_000_000, 5_000)
