"""A value for a setting, and who gave it."""

from dataclasses import dataclass

from kiosk.errors import Problem


@dataclass(frozen=True, slots=True)
class Given:
    """A value that somebody gave to a setting, or to what they took for one."""

    name: str
    value: object
    source: str
    path: str = ""
    strict: bool = False
    """Whether the source tells numbers from text, so that `"150"` is no number."""

    def problem(self, message: str, suggestion: str = "") -> Problem:
        """What is wrong with it, and where it stands."""
        return Problem(self.source, self.path, message, suggestion)
