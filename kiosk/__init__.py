"""A voice-guided exercise kiosk: one button, one speaker, one calm voice.

The package is built in floors; a module may import from its own floor's neighbours and from the
floors below, never from above. `docs/explanation/architecture.md` walks through them.
"""

__version__ = "0.1.0"
