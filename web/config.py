"""What the pages have to know that is not the kiosk's to tell."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class PagesConfig:
    """Frozen; made by the bootstrap."""

    secret_key: bytes = field(repr=False)
    """Signs the cookie."""

    names: frozenset[str] = frozenset()
    """Names, in small letters, by which the kiosk may be asked for, beside addresses."""

    threads: int = 32
    """Requests that are answered at once."""

    spare_threads: int = 8
    """How many of them no live page may hold."""

    version: str = ""

    host: str = ""
    """The machine's own name, by which one kiosk is told from another."""

    @property
    def most_streams(self) -> int:
        """How many live pages there may be at once."""
        return self.threads - self.spare_threads
