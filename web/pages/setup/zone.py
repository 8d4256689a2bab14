"""Time zones as people type them."""

from collections.abc import Sequence

from web.kiosk_of import kiosk


def present_zone() -> str:
    """The one that the kiosk goes by; empty where it is the system's, which has no name."""
    set_here = kiosk().settings.view().settings.time_zone
    return set_here or getattr(kiosk().plan.now().tzinfo, "key", "")


def zone_meant(typed: str, zones: Sequence[str]) -> str:
    """The zone that is meant by its name or by its city alone, whatever the case; else `typed`."""
    wanted = _plain(typed)
    named = [zone for zone in zones if _plain(zone) == wanted]
    of_city = [zone for zone in zones if _plain(zone.rpartition("/")[2]) == wanted]
    found = named or of_city
    return found[0] if len(found) == 1 else typed.strip()


def _plain(name: str) -> str:
    return " ".join(name.replace("_", " ").casefold().split())
