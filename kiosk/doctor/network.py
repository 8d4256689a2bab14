"""The network: who answers on the pages' port, and whether the machine's name leads here."""

import errno
import http.client
import json
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kiosk import __version__
from kiosk.doctor.finding import Finding, Run, bad, ok, run, skipped, warn
from kiosk.system.network import loopback_of, own_name

ANSWERS_WITHIN = 3.0
"""Seconds."""

LARGEST_ANSWER = 10_000
"""Bytes."""


@dataclass(frozen=True, slots=True)
class PortFacts:
    """The result of probing the pages' port."""

    host: str
    port: int
    free: bool = False
    refused: str = ""
    """Why the system does not let it be bound; empty where it does, or it is taken."""

    answers: str = ""
    """The version of the kiosk whose pages answer there; empty where none does."""

    faults: Sequence[str] = ()
    """The faults that this kiosk reports of itself."""


def check_network(host: str, port: int, *, kiosk_runs: bool) -> Iterator[Finding]:
    """Check the pages' port, by the settings `host` and `port`, and the machine's name."""
    name = own_name()
    yield judge_port(probe_port(host, port), __version__, kiosk_runs=kiosk_runs)
    yield judge_name(name, port, announced=is_announced(), resolves=resolves(name))


def probe_port(host: str, port: int) -> PortFacts:
    """Find out whether a kiosk, another program or nobody is on the port."""
    answer = fetch_health(loopback_of(host), port) if port else None
    if answer is not None:
        version, faults = answer
        return PortFacts(host, port, answers=version, faults=faults)
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


def fetch_health(host: str, port: int) -> tuple[str, tuple[str, ...]] | None:
    """Version and faults from a kiosk's `/healthz`; `None` where no kiosk answers in time."""
    connection = http.client.HTTPConnection(host, port, timeout=ANSWERS_WITHIN)
    try:
        connection.request("GET", "/healthz", headers={"Host": f"localhost:{port}"})
        answer = json.loads(connection.getresponse().read(LARGEST_ANSWER))
        return str(answer["version"]), tuple(str(one) for one in answer["trouble"])
    except (OSError, http.client.HTTPException, ValueError, LookupError, TypeError):
        return None
    finally:
        connection.close()


def is_announced(root: Path = Path("/")) -> bool:
    """Whether avahi runs, which announces the machine's name by mDNS."""
    return (root / "run/avahi-daemon/socket").exists()


def resolves(host: str, ask: Run = run) -> bool | None:
    """Whether `HOST.local` leads to this machine; `None` where nothing here can tell."""
    answer = ask(["avahi-resolve", "-4", "-n", f"{host}.local"])
    own_addresses = (ask(["hostname", "-I"]) or "").split()
    if not answer or not own_addresses:
        return None
    return answer.split()[-1] in own_addresses


def judge_port(facts: PortFacts, own_version: str, *, kiosk_runs: bool) -> Finding:
    """Whether the pages answer, or could be served."""
    name, where = "pages", f"port {facts.port}"
    if facts.answers:
        return _judge_answer(name, facts, own_version)
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


def _judge_answer(name: str, facts: PortFacts, own_version: str) -> Finding:
    if facts.answers != own_version:
        what = f"The pages that answer on port {facts.port} are of kiosk {facts.answers}."
        return warn(name, what, "sudo systemctl restart kiosk")
    what = f"They answer on port {facts.port}"
    if facts.faults:
        do = "The page Now says what to do about it."
        faults = ", ".join(facts.faults)
        return warn(name, f"{what}; the kiosk says that not all is well: {faults}.", do)
    return ok(name, f"{what}.")


def judge_name(host: str, port: int, *, announced: bool, resolves: bool | None) -> Finding:
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
