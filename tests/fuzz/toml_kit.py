"""Ways to spoil a TOML file: its bytes, its lines, and what it says."""

import re
from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

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
