"""A voice-guided exercise kiosk: one button, one speaker, one calm voice.

One folder a feature; `kiosk.app` puts them together. `docs/explanation/architecture.md` describes
them and who may import whom, `docs/reference/glossary.md` the terms.
"""

__version__ = "0.1.0"
