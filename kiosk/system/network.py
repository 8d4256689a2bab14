"""The names and addresses of this machine, the port of the pages, and whether they answer."""

import logging
import socket

logger = logging.getLogger(__name__)

_ANYWHERE = ("192.0.2.1", 9)
"""An address for documentation, at which there is nobody; nothing is sent to it."""

EVERYWHERE = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared
"""What stands for all addresses of this machine, and the loopback address for each."""


def loopback_of(host: str) -> str:
    """Where this machine itself reaches a server that listens on `host`."""
    return EVERYWHERE.get(host, host)


def own_name() -> str:
    """The machine's own name, in small letters, without a domain."""
    return socket.gethostname().partition(".")[0].lower()


def own_names(further: str = "") -> frozenset[str]:
    """The host names of the pages: the machine's, also with `.local`, and those in `further`."""
    host = own_name()
    others = (name.strip().lower() for name in further.split(","))
    return frozenset({host, f"{host}.local", *filter(None, others)})


def own_address() -> str | None:
    """The machine's address on the network that leads outside; `None` where there is none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_ANYWHERE)
        except OSError:
            return None
        address: str = probe.getsockname()[0]
    return address


def addresses_of_pages(host: str, port: int) -> tuple[str, ...]:
    """Where a browser finds pages that are served on `host` and `port`, best first."""
    tail = "/" if port == 80 else f":{port}/"
    if host not in EVERYWHERE:
        return (f"http://[{host}]{tail}" if ":" in host else f"http://{host}{tail}",)
    names = [f"{own_name()}.local", own_address()]
    return tuple(f"http://{name}{tail}" for name in names if name)


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens on `host` and `port`; 0 takes a free one. Raises OSError."""
    # Not left to the server, which would make "::" take IPv6 alone.
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, kind, _, _, address = found[0]
    listening = socket.socket(family, kind)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen()
    except OSError:
        listening.close()
        raise
    return listening


def pages_answer(host: str, port: int, within: float = 5.0) -> bool:
    """Whether a server at `host` and `port` answers `within` so many seconds; any thread."""
    import http.client  # noqa: PLC0415 - loaded once the kiosk is ready

    connection = http.client.HTTPConnection(loopback_of(host), port, timeout=within)
    try:
        connection.request("GET", "/healthz", headers={"Connection": "close"})
        connection.getresponse().read()
    except (OSError, http.client.HTTPException) as error:
        logger.debug("the pages do not answer: %s", error)
        return False
    finally:
        connection.close()
    return True
