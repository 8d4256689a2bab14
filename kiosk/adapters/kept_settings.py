"""The settings of a kiosk that has changed some of them while it ran."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from kiosk.adapters.settings_files import SettingsLayers, read_layers
from kiosk.errors import Problem
from kiosk.model.settings import Settings


@dataclass(frozen=True, slots=True)
class LayeredSettings:
    """Implements `kiosk.ports.SettingsSource`. File, environment and options are read once, so that
    a running kiosk goes by one and the same; any thread.
    """

    layers: SettingsLayers

    @classmethod
    def read(
        cls,
        state_dir: Path,
        environ: Mapping[str, str],
        options: Mapping[str, object],
        *,
        forgiving: bool = False,
    ) -> Self:
        """As `kiosk.adapters.settings_files.read_layers` reads them; never raises."""
        return cls(read_layers(state_dir, environ, options, forgiving=forgiving))

    @property
    def passed_over(self) -> tuple[Problem, ...]:
        """Why the file cannot be used, where its last good copy is used in its place."""
        return self.layers.passed_over

    def load(self, kept: Mapping[str, str]) -> Settings:
        """The settings with those `kept`. Raises SettingsError with every problem there is."""
        return self.layers.settings(kept)

    def fixed(self) -> Mapping[str, str]:
        """The settings that go before the kept ones, and by what they are given."""
        return self.layers.fixed()
