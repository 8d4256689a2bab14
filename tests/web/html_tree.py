"""A page as a tree, read strictly: what is not closed or not nested is an error."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})
"""Elements without content."""


@dataclass
class Element:
    """One element; an attribute without a value has an empty one."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    inside: list["Element | str"] = field(default_factory=list)

    def all(self, tag: str = "", **attributes: str) -> Iterator["Element"]:
        """Every element within, by its tag and by some attributes' values."""
        for part in self.inside:
            if isinstance(part, Element):
                wanted = {name.replace("_", "-"): value for name, value in attributes.items()}
                fits = all(part.attributes.get(name) == value for name, value in wanted.items())
                if fits and tag in ("", part.tag):
                    yield part
                yield from part.all(tag, **attributes)

    def one(self, tag: str = "", **attributes: str) -> "Element":
        """The only such element."""
        found = list(self.all(tag, **attributes))
        assert len(found) == 1, (tag, attributes, len(found))
        return found[0]

    @property
    def text(self) -> str:
        """What stands in it."""
        return " ".join("".join(self._texts()).split())

    def sent(self) -> dict[str, list[str]]:
        """What a browser would send of this form as it stands, but for its token and a button."""
        found: dict[str, list[str]] = {}
        for one in self.all():
            name, kind = one.attributes.get("name", ""), one.attributes.get("type")
            if name in ("", "csrf_token") or "disabled" in one.attributes:
                continue
            if one.tag == "textarea":
                values = ["".join(part for part in one.inside if isinstance(part, str))]
            elif one.tag == "select":
                chosen = one.all("option", selected="")
                values = [option.attributes["value"] for option in chosen] or [""]
            elif one.tag == "input" and (
                kind not in ("checkbox", "radio") or "checked" in one.attributes
            ):
                values = [one.attributes.get("value", "")]
            else:
                continue
            found[name] = [*found.get(name, ()), *values]
        return found

    @property
    def is_hidden(self) -> bool:
        return "hidden" in self.attributes

    def _texts(self) -> Iterator[str]:
        for part in self.inside:
            if isinstance(part, str):
                yield part
            else:
                yield " "
                yield from part._texts()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.path = [Element("")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> has an attribute twice: {names}"
        self._end_option(tag)
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.path[-1].inside.append(element)
        if tag not in VOID:
            self.path.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.path.pop()

    def handle_endtag(self, tag: str) -> None:
        self._end_option("/" + tag)
        assert self.path[-1].tag == tag, f"</{tag}> ends <{self.path[-1].tag}>"
        self.path.pop()

    def _end_option(self, before: str) -> None:
        """An option needs no end of its own."""
        if self.path[-1].tag == "option" and before != "/option":
            self.path.pop()

    def handle_data(self, data: str) -> None:
        self.path[-1].inside.append(data)


def read_html(page: str) -> Element:
    """The page. Raises AssertionError where its elements are not well nested."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    assert len(reader.path) == 1, f"<{reader.path[-1].tag}> is not closed"
    return reader.path[0]
