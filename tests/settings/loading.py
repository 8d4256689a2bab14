"""The settings as a kiosk finds them."""

from collections.abc import Mapping
from pathlib import Path

from kiosk.settings.model import Settings
from kiosk.settings.sources import LayeredSettings

NOTHING: Mapping[str, str] = {}


def load_settings(
    state_dir: Path,
    environ: Mapping[str, str] = NOTHING,
    options: Mapping[str, object] = NOTHING,
    kept: Mapping[str, str] = NOTHING,
) -> Settings:
    """What all these places together come to. Raises SettingsError."""
    return LayeredSettings.read(state_dir, environ, options).load(kept)
