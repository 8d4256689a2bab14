"""What a person hears, touches and sees of the kiosk."""

from typing import Protocol

from kiosk.units import Millis


class Speaker(Protocol):
    """Plays PCM in the format of `kiosk.units`. Only the player's thread touches it."""

    @property
    def name(self) -> str:
        """What a person calls it."""
        ...

    def open(self) -> None:
        """Make it ready to be written to; nothing happens where it is already.

        Raises AudioError where it cannot be opened now; a later try may succeed.
        """
        ...

    def write(self, pcm: bytes) -> None:
        """Queue `pcm`; returns when it is accepted, and so keeps the pace of the sound.

        Raises AudioError where the speaker was lost; it must then be opened again.
        """
        ...

    def delay(self) -> Millis:
        """How long after it was written a frame is heard, while writing goes on steadily."""
        ...

    def abort(self) -> None:
        """Be silent now, throwing away what is queued. It stays open; never raises."""
        ...

    def close(self) -> None:
        """Let go of the sound card after what is queued has been heard; never raises."""
        ...


class Button(Protocol):
    """A button that tells of its edges, chatter and all, whoever has opened it."""

    @property
    def is_pressed(self) -> bool:
        """Whether its contacts are closed now, by looking. Raises PinError where it cannot look."""
        ...

    @property
    def is_watched(self) -> bool:
        """Whether that which tells of its edges still runs."""
        ...

    def close(self) -> None:
        """Let go of it; no edge is told after that. Never raises."""
        ...


class Light(Protocol):
    """A light that can be dimmed."""

    def set(self, brightness: float) -> None:
        """Shine at `brightness`, 0 (dark) to 1 (full). Raises PinError where it does not obey."""
        ...

    def close(self) -> None:
        """Go dark and let go of the pin; never raises."""
        ...
