"""Ways to spoil a TOML file (its bytes, its lines, its values) and a backup (also its tables)."""

import io
import json
import re
import sqlite3
import tempfile
import zipfile
from collections.abc import Sequence
from contextlib import closing
from copy import deepcopy
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from tests.store.kit import MEMORY

WILD = (
    "0",
    "-1",
    "1",
    "2",
    "99",
    "1000000",
    "9" * 4000,
    "0x" + "f" * 4000,
    "9" * 5000,
    "-9223372036854775809",
    "0.5",
    "0.1",
    "1e-320",
    "1e308",
    "1e400",
    "nan",
    "-nan",
    "inf",
    "-inf",
    "true",
    "''",
    '"\\u0007"',
    '"\\u202e"',
    '"\\ud800"',
    '"' + "x" * 700 + '"',
    '"walk"',
    '"both"',
    '"alternate"',
    '"left-then-right"',
    '"hold"',
    '"../../etc/passwd"',
    "1979-05-27",
    "07:32:00",
    "1979-05-27T07:32:00Z",
    "[]",
    "[[]]",
    "[1, 2]",
    "[2, 1]",
    "[nan, inf]",
    "{}",
    "{ a = 1 }",
    '{ do = "hold", seconds = 1 }',
    "[" * 300,
    "{b=" * 300,
    '"""\n"""',
    "",
    "#",
)

INSERTED = (
    b"\x00",
    b"\xff",
    b"\xed\xa0\x80",
    b"\r",
    b"\r\n",
    b"\n",
    b"\t",
    b"\xef\xbb\xbf",
    "\u2028".encode(),
    "😀".encode(),
    b"=",
    b'"',
    b'"""',
    b"'''",
    b"#",
    b"[[exercise]]\n",
    b"[exercise]\n",
    b"[text.en]\n",
    b"[exercise.text.en]\n",
    b"a" + b".a" * 2000 + b" = 1\n",
)

ENCODINGS = ("utf-16", "utf-16-le", "utf-32", "latin-1", "cp1252", "utf-7", "utf-8-sig", "cp037")

_VALUE = re.compile(rb"(?<== )[^\n]+")
_KEY = re.compile(rb"[a-z_]+(?= =)")


@st.composite
def spoilt_bytes(draw, content: bytes, wild: Sequence[str] = WILD) -> bytes:
    """`content` with up to four things done to it."""
    for _ in range(draw(st.integers(1, 4))):
        content = draw(st.sampled_from(WAYS))(draw, content, wild)
    return content


def _lines(draw, content: bytes, _wild: Sequence[str]) -> bytes:
    """Leave a few lines out, double them, or put them elsewhere."""
    lines = content.splitlines(keepends=True)
    if not lines:
        return content
    at = draw(st.integers(0, len(lines) - 1))
    some = lines[at : at + draw(st.sampled_from((1, 1, 1, 2, 5, 20)))]
    rest = lines[:at] + lines[at + len(some) :]
    match draw(st.sampled_from(("drop", "double", "move"))):
        case "drop":
            return b"".join(rest)
        case "double":
            return b"".join(lines[:at] + some + lines[at:])
        case _:
            to = draw(st.integers(0, len(rest)))
            return b"".join(rest[:to] + some + rest[to:])


def _value(draw, content: bytes, wild: Sequence[str]) -> bytes:
    """Put another value in the place of one."""
    value = draw(
        st.sampled_from(wild) | st.from_regex(r"-?[0-9]{1,4}(\.[0-9]{1,3})?", fullmatch=True)
    )
    return _instead(draw, _VALUE, content, value.encode())


def _key(draw, content: bytes, _wild: Sequence[str]) -> bytes:
    """Call a key something else, sometimes by another key's name."""
    names = sorted(set(_KEY.findall(content))) or [b"x"]
    new = draw(st.sampled_from(names) | st.sampled_from((b"", b"x", b'"\\u0000"', b"a.b", b"_")))
    return _instead(draw, _KEY, content, new)


def _instead(draw, pattern: re.Pattern[bytes], content: bytes, new: bytes) -> bytes:
    places = [match.span() for match in pattern.finditer(content)]
    if not places:
        return content
    start, end = draw(st.sampled_from(places))
    return content[:start] + new + content[end:]


def _cut(draw, content: bytes, _wild: Sequence[str]) -> bytes:
    """Leave out some bytes, perhaps all that follow."""
    start = draw(st.integers(0, len(content)))
    length = draw(st.sampled_from((1, 2, 10, 100, len(content))))
    return content[:start] + content[start + length :]


def _insert(draw, content: bytes, _wild: Sequence[str]) -> bytes:
    at = draw(st.integers(0, len(content)))
    return content[:at] + draw(st.sampled_from(INSERTED) | st.binary(max_size=4)) + content[at:]


def _encode(draw, content: bytes, _wild: Sequence[str]) -> bytes:
    text = content.decode(errors="replace")
    return text.encode(draw(st.sampled_from(ENCODINGS)), errors="replace")


WAYS = (_lines, _lines, _value, _value, _value, _value, _key, _cut, _insert, _encode)

VALUES = st.recursive(
    st.booleans()
    | st.integers()
    | st.integers(-2, 120)
    | st.floats()
    | st.floats(0, 600)
    | st.dates()
    | st.times()
    | st.text(max_size=12)
    | st.sampled_from(
        [
            *("both", "alternate", "left-then-right", "hold", "lift", "mat", "en", "walk"),
            *(
                "standing",
                "a-b",
                "low-back-start",
                10**400,
                10**4000,
                "x" * 700,
                "\u202e",
                "\ud800",
            ),
        ]
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["id", "do", "seconds", "range", "en", "reps", "side", "phases", "text", "name"]
            )
            | st.text(max_size=3),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@st.composite
def spoilt_documents(draw, document: dict[str, Any]) -> dict[str, Any]:
    """The document with up to four of its values left out, doubled or others."""
    found = deepcopy(document)
    for _ in range(draw(st.sampled_from((1, 1, 1, 2, 4)))):
        _spoil(draw, found)
    return found


def _spoil(draw, holder: Any) -> None:
    while holder:
        steps = sorted(holder) if isinstance(holder, dict) else range(len(holder))
        step = draw(st.sampled_from(steps))
        inside = holder[step]
        if isinstance(inside, dict | list) and inside and draw(st.integers(0, 3)):
            holder = inside
            continue
        match draw(st.sampled_from(("drop", "other", "near", "near", "near", "double"))):
            case "drop":
                del holder[step]
            case "double" if isinstance(holder, list):
                holder.append(deepcopy(inside))
            case "near" if isinstance(inside, int | float) and not isinstance(inside, bool):
                holder[step] = inside * draw(st.sampled_from((0, 0.5, 2, 10, 1.0, -1)))
            case "near" if isinstance(inside, str):
                holder[step] = draw(st.text(min_size=1, max_size=40))
            case _:
                holder[step] = draw(VALUES)
        return


# --- backups


DATA, ABOUT = "kiosk.db", "kiosk-backup.json"

TABLES = "SELECT name FROM sqlite_schema WHERE type = 'table'"

ODD_NAMES = (
    *("", "x", "../x", "/etc/passwd", "programs/", "programs/x.toml", "programs/../x.toml"),
    *("programs/" + "x" * 300 + ".toml", "kiosk.db", "kiosk.db-journal", "KIOSK.DB", "a\x00b"),
    *("clips/00/x.wav", "clips/" + "0" * 2 + "/" + "0" * 64 + ".wav", "ü", "kiosk.toml/"),
)

ODD_VALUES = (
    *(None, 0, -1, 1, 2, 10**6, 2**63 - 1, -(2**63), 1.5, "", " ", "x", "x" * 20_000, b"\xff"),
    *(
        "\x00",
        "\u202e",
        "😀",
        "walk",
        "low-back-start",
        "no-such-program",
        "../x",
        "done",
        "stopped",
    ),
    *("2026-03-27", "0001-01-01", "9999-12-31", "2026-03-27T11:00:00.000000Z", "24:00", "08:00"),
    *("9999-12-31T23:59:59.999999Z", "0001-01-01T00:00:00.000000Z", "2026-13-99T99:99:99.999999Z"),
    *("08:00,08:00", "25:61", "mon", "daily", "mon,mon", "left", "Europe/Oslo", "Nowhere/At all"),
    *("-1", "1e9", "none", "[]", "{}", "null", '{"bridge": {"reps": 5}}', "9" * 5000),
)


@st.composite
def spoilt_backups(draw, backup: bytes) -> bytes:
    """`backup` with something done to it."""
    if draw(st.integers(0, 3)) == 0:
        return draw(spoilt_bytes(backup))
    with zipfile.ZipFile(io.BytesIO(backup)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    about = json.loads(parts.pop(ABOUT))
    for _ in range(draw(st.integers(1, 3))):
        draw(st.sampled_from(BACKUP_WAYS))(draw, parts, about)
    if draw(st.integers(0, 9)):
        about["bytes"] = {name: len(content) for name, content in parts.items()}
    return _packed(draw, parts, about)


def _packed(draw, parts: dict[str, bytes], about: dict[str, object]) -> bytes:
    method = draw(st.sampled_from((zipfile.ZIP_DEFLATED,) * 4 + (zipfile.ZIP_STORED, 12)))
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        archive.writestr(ABOUT, json.dumps(about), zipfile.ZIP_STORED)
        for name, content in parts.items():
            archive.writestr(name or zipfile.ZipInfo(name), content)
    return target.getvalue()


def _data(draw, parts: dict[str, bytes], _about: dict[str, object]) -> None:
    """Put odd values into the tables, or none at all, as far as these take them."""
    if DATA not in parts:
        return
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        file = Path(folder) / DATA
        file.write_bytes(parts[DATA])
        if not parts[DATA].startswith(b"SQLite format 3"):
            return  # it is spoilt already
        with closing(sqlite3.connect(file, isolation_level=None)) as connection:
            connection.execute("PRAGMA ignore_check_constraints = ON")
            for _ in range(draw(st.integers(1, 3))):
                _one_value(draw, connection)
        parts[DATA] = file.read_bytes()


def _one_value(draw, connection: sqlite3.Connection) -> None:
    try:
        tables = [row[0] for row in connection.execute(TABLES)]
        table = draw(st.sampled_from(sorted(tables) or ["x"]))
        columns = [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]
    except sqlite3.Error:
        return
    value = draw(st.sampled_from(ODD_VALUES) | st.integers(-5, 100) | st.text(max_size=8))
    try:
        if not columns or draw(st.integers(0, 9)) == 0:
            connection.execute(draw(st.sampled_from(("DROP TABLE", "DELETE FROM"))) + f' "{table}"')
            return
        column = draw(st.sampled_from(columns))
        where = draw(st.sampled_from(("", " WHERE rowid % 3 = 0")))
        change = f'UPDATE OR IGNORE "{table}" SET "{column}" = ?{where}'  # noqa: S608
        connection.execute(change, (value,))
    except (sqlite3.Error, UnicodeEncodeError):
        return


def _settings(draw, parts: dict[str, bytes], _about: dict[str, object]) -> None:
    parts["kiosk.toml"] = draw(spoilt_bytes(parts.get("kiosk.toml", b"rate = 150\n")))


def _program(draw, parts: dict[str, bytes], _about: dict[str, object]) -> None:
    own = [name for name in parts if name.startswith("programs/")]
    for name in own[:1]:
        parts[name] = draw(spoilt_bytes(parts[name]))


def _parts(draw, parts: dict[str, bytes], _about: dict[str, object]) -> None:
    """Leave a part out, call it something else, or put in another."""
    name = draw(st.sampled_from(sorted(parts) or ["x"]))
    match draw(st.sampled_from(("drop", "rename", "add", "cut"))):
        case "drop":
            parts.pop(name, None)
        case "rename":
            parts[draw(st.sampled_from(ODD_NAMES))] = parts.pop(name, b"")
        case "add":
            parts[draw(st.sampled_from(ODD_NAMES))] = draw(st.binary(max_size=50))
        case _:
            parts[name] = draw(spoilt_bytes(parts.get(name, b"")))


def _about(draw, _parts: dict[str, bytes], about: dict[str, object]) -> None:
    values = st.sampled_from((*ODD_VALUES[:13], [], {}, {"x": "y"}, True, 10**400))
    about[draw(st.sampled_from([*about, "x"]))] = draw(values)


BACKUP_WAYS = (_data, _data, _data, _settings, _program, _parts, _about)
