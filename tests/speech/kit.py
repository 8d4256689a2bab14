"""What the tests of speech share."""

import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt

from kiosk.speech.model import Voice

CHILDREN = Path(__file__).with_name("children")


def child(script: str, *arguments: str) -> tuple[str, ...]:
    """The command that runs a script of the folder `children`."""
    return (sys.executable, str(CHILDREN / script), *arguments)


def english(rate: int = 155, name: str = "") -> Voice:
    return Voice("en", name, rate)


def samples(pcm: bytes) -> npt.NDArray[np.int32]:
    return np.frombuffer(pcm, dtype="<i2").astype(np.int32)
