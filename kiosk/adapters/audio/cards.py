"""The sound cards that the system knows, without a word to PortAudio, which plays meanwhile."""

import re
from pathlib import Path

_CARD = re.compile(r"^ *(\d+) \[[^\]]*\]: .*? - (.+)$", re.MULTILINE)
_OUTPUT = re.compile(r"^(\d+)-\d+: .*: playback \d+", re.MULTILINE)


def cards_that_play(folder: Path = Path("/proc/asound")) -> tuple[str, ...]:
    """Their names, each once, in the order of their numbers; none where there is no ALSA.

    PortAudio's name for a card begins with it, so each is what `audio_device` may be set to.
    """
    try:
        cards = (folder / "cards").read_text(encoding="utf-8", errors="replace")
        outputs = (folder / "pcm").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ()
    playing = {int(number) for number in _OUTPUT.findall(outputs)}
    names = (name.strip() for number, name in _CARD.findall(cards) if int(number) in playing)
    return tuple(dict.fromkeys(name for name in names if name.isprintable()))
