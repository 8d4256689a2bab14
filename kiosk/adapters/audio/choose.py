"""The speaker for a device setting: a sound card, or silence that keeps time."""

from kiosk.adapters.audio.silent import SilentSpeaker
from kiosk.adapters.audio.sound_card import SoundCard
from kiosk.clock import Clock
from kiosk.errors import AudioError
from kiosk.ports import Speaker

NONE = "none"
"""The device that plays nothing."""


def open_speaker(device: str, clock: Clock) -> tuple[Speaker, str | None]:
    """The speaker that `device` means, not yet opened, and a sentence to tell where it is silent
    against anybody's wish.

    Who names a card wants it: one that is not there is taken for lost (unplugged, not yet
    awake), and opening it goes on failing until it comes. Who names none takes what there is; on a
    machine that has none there is nothing to wait for, and the kiosk runs in silence, as it does
    without the library that reaches the cards, whichever is named.
    """
    if device.casefold() == NONE:
        return SilentSpeaker(clock), None
    card = SoundCard(device, clock=clock)
    try:
        outputs = card.outputs()
    except AudioError as error:
        return SilentSpeaker(clock), f"Running without sound. {error}"
    if outputs or device:
        return card, None
    return SilentSpeaker(clock), (
        "Running without sound: there is no sound card. If there should be one, see that the "
        "kiosk's user is in the group `audio` (`sudo usermod -aG audio USER`), and start again."
    )
