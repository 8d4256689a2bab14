"""What the tests of speech share."""

import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt

from kiosk.speech.model import Voice
from kiosk.units import SAMPLE_RATE

CHILDREN = Path(__file__).with_name("children")

UNITS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
TEENS = ("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen")
MORE_TEENS = ("sixteen", "seventeen", "eighteen", "nineteen")
TWENTIES = ("twenty", *(f"twenty-{unit}" for unit in UNITS))
COUNTS = (*UNITS, *TEENS, *MORE_TEENS, *TWENTIES, "thirty")
"""Every number a rep or a hold may be counted with."""


def child(script: str, *arguments: str) -> tuple[str, ...]:
    """The command that runs a script of the folder `children`."""
    return (sys.executable, str(CHILDREN / script), *arguments)


def english(rate: int = 155, name: str = "") -> Voice:
    return Voice("en", name, rate)


def samples(pcm: bytes) -> npt.NDArray[np.int32]:
    return np.frombuffer(pcm, dtype="<i2").astype(np.int32)


def onset_ms(pcm: bytes, percent: float) -> float:
    """When the sound first reaches `percent` of full scale."""
    loud = np.abs(samples(pcm)) >= percent / 100 * 32_767
    assert loud.any(), f"never reaches {percent} %"
    return float(np.argmax(loud)) * 1000 / SAMPLE_RATE
