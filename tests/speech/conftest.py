from collections.abc import Callable, Iterator, Sequence

import pytest

from kiosk.speech.engine import Pyttsx3Engine

MakeEngine = Callable[..., Pyttsx3Engine]


@pytest.fixture(scope="session")
def espeak() -> Iterator[Pyttsx3Engine]:
    """The real engine, one child for all tests."""
    engine = Pyttsx3Engine()
    yield engine
    engine.close()


@pytest.fixture
def make_engine() -> Iterator[MakeEngine]:
    """Makes engines that are closed after the test: the real one, or one with another child."""
    engines: list[Pyttsx3Engine] = []

    def make(command: Sequence[str] | None = None, time_limit: float = 20.0) -> Pyttsx3Engine:
        engines.append(Pyttsx3Engine(time_limit, command))
        return engines[-1]

    yield make
    for engine in engines:
        engine.close()
