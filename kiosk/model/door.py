"""Who may come in, as it is kept."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class KeptVisitor:
    """Somebody who is signed in on one device. Moments are UTC."""

    id: str
    token_hash: str = field(repr=False)
    """SHA-256 of the visitor's token, in hexadecimal; the token itself is not kept."""

    since: datetime
    seen: datetime
    """When they last looked at a page, to an hour or so."""

    device: str
    address: str
