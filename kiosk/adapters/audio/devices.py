"""Which of the sound cards is meant: a pure choice from their names."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from kiosk.errors import AudioError

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OutputDevice:
    """A sound card, or one way of reaching it, that can play."""

    index: int
    """Its number in PortAudio's list; good only until PortAudio is started anew."""

    name: str
    """What the system calls it, e.g. `USB Audio: - (plughw:1,0)`."""

    is_default: bool = False
    """Whether it is the one that the system plays on when not told otherwise."""


def pick(devices: Sequence[OutputDevice], wanted: str) -> OutputDevice:
    """The device that `wanted` means: a part of its name, in any case of letters; empty for the
    system's default.

    Where several names contain it, one that equals it wins, else the first. Raises AudioError,
    naming the devices there are, where none does.
    """
    if not devices:
        raise AudioError(
            "There is no sound card. Plug one in; if there is one, see that the kiosk's user is in "
            "the group `audio` (`sudo usermod -aG audio USER`)."
        )
    if not wanted:
        return next((device for device in devices if device.is_default), devices[0])
    key = wanted.casefold()
    matches = [device for device in devices if key in device.name.casefold()]
    if not matches:
        names = ", ".join(repr(device.name) for device in devices)
        raise AudioError(
            f"No sound card's name contains {wanted!r}. There are: {names}. Set `audio_device` to "
            "a part of one of these names, or leave it empty for the system's default."
        )
    exact = [device for device in matches if device.name.casefold() == key]
    chosen = (exact or matches)[0]
    if len(matches) > 1:
        logger.info("%d sound cards match %r; taking %r", len(matches), wanted, chosen.name)
    return chosen
