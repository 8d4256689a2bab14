"""Who has the pages' port, and whether the machine's name is announced."""

import errno
import http.client
import json
import socket
from collections.abc import Callable
from pathlib import Path

from kiosk.adapters.doctor.commands import Run, run
from kiosk.adapters.network import knock_at
from kiosk.desk.findings.reach import PortFacts

ANSWERS_WITHIN = 3.0
LARGEST_ANSWER = 10_000


def look_at_port(host: str, port: int) -> PortFacts:
    """Who has it: a kiosk, another program, or nobody."""
    answer = ask_health(knock_at(host), port) if port else None
    if answer is not None:
        version, trouble = answer
        return PortFacts(host, port, answers=version, trouble=trouble)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        # As a server does it: a connection that was closed a moment ago does not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return PortFacts(host, port)
            return PortFacts(host, port, refused=error.strerror or str(error))
    return PortFacts(host, port, free=True)


def ask_health(
    host: str, port: int, within: float = ANSWERS_WITHIN
) -> tuple[str, tuple[str, ...]] | None:
    """The version and the trouble that a kiosk's pages tell; `None` where no kiosk answers."""
    connection = http.client.HTTPConnection(host, port, timeout=within)
    try:
        connection.request("GET", "/healthz", headers={"Host": f"localhost:{port}"})
        answer = json.loads(connection.getresponse().read(LARGEST_ANSWER))
        return str(answer["version"]), tuple(str(one) for one in answer["trouble"])
    except (OSError, http.client.HTTPException, ValueError, LookupError, TypeError):
        return None
    finally:
        connection.close()


def is_announced(root: Path = Path("/")) -> bool:
    """Whether avahi runs, which announces the machine's name at home."""
    return (root / "run/avahi-daemon/socket").exists()


def resolves(
    host: str, ask: Run = run, own_addresses: Callable[[], frozenset[str]] | None = None
) -> bool | None:
    """Whether `HOST.local` leads to this machine; `None` where nothing here can tell."""
    answer = ask(["avahi-resolve", "-4", "-n", f"{host}.local"])
    addresses = (own_addresses or (lambda: addresses_here(ask)))()
    if not answer or not addresses:
        return None
    return answer.split()[-1] in addresses


def addresses_here(ask: Run = run) -> frozenset[str]:
    """The addresses of this machine."""
    return frozenset((ask(["hostname", "-I"]) or "").split())
