"""By which names the kiosk may be asked for.

A page elsewhere can have its own name lead to the kiosk's address and then read the kiosk's pages
as its own (DNS rebinding). So only names that nobody elsewhere can own are answered: addresses,
`.local` names, and those that were set.
"""

import ipaddress
import re

_HOST = re.compile(r"^(?P<name>\[[0-9a-f:.]+\]|[a-z0-9._-]+?)\.?(?::(?P<port>[0-9]{1,5}))?$")


def is_known(host: str, names: frozenset[str]) -> bool:
    """Whether a request's Host header names the kiosk."""
    match = _HOST.fullmatch(host.lower()) if len(host) <= 255 else None
    if match is None:
        return False
    name = match["name"]
    return name in names or name == "localhost" or _is_local_name(name) or _is_address(name)


def _is_local_name(name: str) -> bool:
    # No dot before it: a browser may hand deeper names to the network's own name server.
    return re.fullmatch(r"[a-z0-9_-]+\.local", name) is not None


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True
