"""Asks the kiosk's own pages for an answer, as a browser would."""

import http.client
import logging

logger = logging.getLogger(__name__)

ANSWER_WITHIN = 5.0
"""Seconds."""

EVERY_ADDRESS = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}  # noqa: S104
"""Where to knock at a server that listens on all addresses."""


def pages_answer(host: str, port: int, within: float = ANSWER_WITHIN) -> bool:
    """Whether a server on `host` and `port` answers a request, whatever it says; any thread."""
    connection = http.client.HTTPConnection(EVERY_ADDRESS.get(host, host), port, timeout=within)
    try:
        connection.request("GET", "/healthz", headers={"Connection": "close"})
        connection.getresponse().read()
    except (OSError, http.client.HTTPException) as error:
        logger.debug("the pages do not answer: %s", error)
        return False
    finally:
        connection.close()
    return True
