"""Backups that somebody has spoilt: their bytes, their parts, or what stands in their data."""

import io
import json
import sqlite3
import tempfile
import zipfile
from contextlib import closing
from pathlib import Path

from hypothesis import strategies as st

from tests.fuzz.toml_kit import spoilt_bytes
from tests.store.kit import MEMORY

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
        draw(st.sampled_from(WAYS))(draw, parts, about)
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


WAYS = (_data, _data, _data, _settings, _program, _parts, _about)
