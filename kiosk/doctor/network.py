"""Whether other devices in the house find the pages.

Who has the pages' port, and whether the machine's name is announced.
"""

import errno
import http.client
import json
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from kiosk.doctor.commands import Run, run
from kiosk.doctor.finding import Finding, bad, ok, skipped, warn
from kiosk.system.network import knock_at


@dataclass(frozen=True, slots=True)
class PortFacts:
    """Who has the pages' port."""

    host: str
    port: int
    free: bool = False
    refused: str = ""
    """Why it could not be tried; empty where it could."""

    answers: str = ""
    """The version of the kiosk whose pages answer there; empty where none does."""

    trouble: Sequence[str] = ()
    """What that kiosk says is not well."""


def port(facts: PortFacts, own_version: str, *, kiosk_runs: bool) -> Finding:
    """Whether the pages are there, or could be."""
    name, where = "pages", f"port {facts.port}"
    if facts.answers:
        return _answering(name, facts, own_version)
    if facts.port == 0:
        return skipped(name, "They take any free port (port is 0), so they cannot be looked for.")
    if kiosk_runs:
        do = "journalctl -u kiosk -n 50 says why; `port` sets another."
        return bad(name, f"The kiosk runs, but its pages do not answer on {where}.", do)
    if facts.refused:
        do = (
            "Set `port` to 8080, or `host` to an address of this machine (0.0.0.0 for all of them)."
        )
        return bad(name, f"The pages could not be on {where} of {facts.host}: {facts.refused}.", do)
    if not facts.free:
        do = f"sudo ss -ltnp 'sport = :{facts.port}' names it; end it, or set `port` to another."
        return bad(name, f"Another program is on {where}.", do)
    return ok(name, f"{where.capitalize()} is free for them.")


def _answering(name: str, facts: PortFacts, own_version: str) -> Finding:
    if facts.answers != own_version:
        told = f"The pages that answer on port {facts.port} are of kiosk {facts.answers}."
        return warn(name, told, "sudo systemctl restart kiosk")
    if facts.trouble:
        told = f"They answer on port {facts.port}; the kiosk says that not all is well"
        do = "The page Now says what to do about it."
        return warn(name, f"{told}: {', '.join(facts.trouble)}.", do)
    return ok(name, f"They answer on port {facts.port}.")


def name_at_home(host: str, port: int, *, announced: bool, resolves: bool | None) -> Finding:
    """Whether `HOST.local` finds this machine; `resolves` is `None` where that cannot be tried."""
    name, local = "name", f"{host}.local"
    tail = "" if port == 80 else f":{port}"
    if not announced:
        do = "sudo apt install avahi-daemon, or use the address that `kiosk run` tells."
        return warn(name, f"Nobody announces the name {local}: avahi does not run.", do)
    if resolves is False:
        do = "Another machine may have that name: sudo hostnamectl hostname ANOTHER, then restart."
        return warn(name, f"The name {local} does not lead here.", do)
    return ok(name, f"Other devices find it as http://{local}{tail}/")


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
