"""Asks the kiosk's own pages for an answer, as a browser would."""

import http.client
import logging

from kiosk.adapters.network import knock_at

logger = logging.getLogger(__name__)

ANSWER_WITHIN = 5.0
"""Seconds."""


def pages_answer(host: str, port: int, within: float = ANSWER_WITHIN) -> bool:
    """Whether a server on `host` and `port` answers a request, whatever it says; any thread."""
    connection = http.client.HTTPConnection(knock_at(host), port, timeout=within)
    try:
        connection.request("GET", "/healthz", headers={"Connection": "close"})
        connection.getresponse().read()
    except (OSError, http.client.HTTPException) as error:
        logger.debug("the pages do not answer: %s", error)
        return False
    finally:
        connection.close()
    return True
