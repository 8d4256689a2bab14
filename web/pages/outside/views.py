"""What other programs ask for: whether the kiosk is well, and the plan as a calendar."""

import hmac
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort

from kiosk.model.plan import WALK
from web.guard.access import Access, open_to
from web.kiosk_of import config, kiosk, kiosk_name
from web.texts import t

pages = Blueprint("outside", __name__)


@pages.get("/healthz")
@open_to(Access.ANYONE)
def health() -> dict[str, object]:
    """Whether all is well, for a program that watches over the kiosk. Not whether somebody
    exercises: the household may want only caregivers to see that.
    """
    snapshot = kiosk().remote.snapshot()
    return {
        "status": "degraded" if snapshot.trouble else "ok",
        "trouble": sorted(snapshot.trouble),
        "version": config().version,
    }


@pages.get("/calendar/<token>.ics")
@open_to(Access.ANYONE)
def calendar(token: str) -> Response:
    """The plan, for whoever knows the token."""
    # Loaded only where it is asked for: most kiosks never are.
    from web.pages.outside.calendar_feed import feed  # noqa: PLC0415

    door = kiosk().door
    known = door.is_set_up() and hmac.compare_digest(token.encode(), door.calendar_token().encode())
    if not known:
        abort(404)
    plan = kiosk().plan
    zone = plan.now().tzinfo
    if not isinstance(zone, ZoneInfo):
        abort(503)
    titles = dict(kiosk().settings.programs()) | {WALK: t("pages.walk")}
    content = feed(plan.entries(), lambda p: titles.get(p, p), kiosk_name(), zone, config().host)
    return Response(content, mimetype="text/calendar")
