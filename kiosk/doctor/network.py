"""The network: who answers on the pages' port, and whether the machine's name leads here."""

import errno
import http.client
import json
import socket
from collections.abc import Iterator
from pathlib import Path

from kiosk import __version__
from kiosk.doctor.finding import Finding, Run, bad, ok, run, skipped, warn
from kiosk.system.network import loopback_of, own_name

ANSWERS_WITHIN = 3.0  # seconds
LARGEST_ANSWER = 10_000  # bytes


def check_network(host: str, port: int, *, kiosk_runs: bool) -> Iterator[Finding]:
    """Check the pages' port, by the settings `host` and `port`, and the machine's name."""
    yield check_port(host, port, kiosk_runs=kiosk_runs)
    yield check_name(own_name(), port)


def check_port(
    host: str, port: int, *, kiosk_runs: bool, own_version: str = __version__
) -> Finding:
    """Whether the pages answer, or could be served: a kiosk, another program or nobody may be on
    the port.
    """
    name, where = "pages", f"port {port}"
    if port == 0:
        return skipped(name, "They take any free port (port is 0), so they cannot be looked for.")
    answer = fetch_health(loopback_of(host), port)
    if answer is not None:
        return _judge_answer(port, *answer, own_version)
    if kiosk_runs:
        do = "journalctl -u kiosk -n 50 says why; `port` sets another."
        return bad(name, f"The kiosk runs, but its pages do not answer on {where}.", do)
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        # As a server does it: a connection that was closed a moment ago does not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                do = f"sudo ss -ltnp 'sport = :{port}' names it; end it, or set `port` to another."
                return bad(name, f"Another program is on {where}.", do)
            do = (
                "Set `port` to 8080, or `host` to an address of this machine (0.0.0.0 for all of"
                " them)."
            )
            why = error.strerror or error
            return bad(name, f"The pages could not be on {where} of {host}: {why}.", do)
    return ok(name, f"{where.capitalize()} is free for them.")


def _judge_answer(port: int, version: str, faults: tuple[str, ...], own_version: str) -> Finding:
    """Whether the pages that answer are of this kiosk's version, and without `faults`."""
    name, what = "pages", f"They answer on port {port}"
    if version != own_version:
        other = f"The pages that answer on port {port} are of kiosk {version}."
        return warn(name, other, "sudo systemctl restart kiosk")
    if faults:
        what = f"{what}; the kiosk says that not all is well: {', '.join(faults)}."
        return warn(name, what, "The page Now says what to do about it.")
    return ok(name, f"{what}.")


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


def check_name(host: str, port: int, ask: Run = run, root: Path = Path("/")) -> Finding:
    """Whether `HOST.local` finds this machine: avahi announces it, and no other has that name."""
    name, local = "name", f"{host}.local"
    if not (root / "run/avahi-daemon/socket").exists():
        do = "sudo apt install avahi-daemon, or use the address that `kiosk run` tells."
        return warn(name, f"Nobody announces the name {local}: avahi does not run.", do)
    # Where nothing here can tell where the name leads, it passes.
    answer = ask(["avahi-resolve", "-4", "-n", local])
    own_addresses = (ask(["hostname", "-I"]) or "").split()
    if answer and own_addresses and answer.split()[-1] not in own_addresses:
        do = "Another machine may have that name: sudo hostnamectl hostname ANOTHER, then restart."
        return warn(name, f"The name {local} does not lead here.", do)
    tail = "" if port == 80 else f":{port}"
    return ok(name, f"Other devices find it as http://{local}{tail}/")
