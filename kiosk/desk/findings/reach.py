"""Whether other devices in the house find the pages."""

from collections.abc import Sequence
from dataclasses import dataclass

from kiosk.desk.findings.finding import Finding, bad, ok, skipped, warn


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
