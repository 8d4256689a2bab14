"""Requests take turns, so that few of them are worked on at a time."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from web.server import AT_ONCE, InTurns, step_aside

PATIENCE = 20.0


class App:
    """Counts who is worked on, each until it is let go on."""

    def __init__(self, aside=False):
        self.aside = aside
        self.begun = threading.Semaphore(0)
        self.go_on = threading.Semaphore(0)

    def __call__(self, environ, _respond):
        if self.aside:
            step_aside(environ)
        self.begun.release()
        assert self.go_on.acquire(timeout=PATIENCE)
        return [b"done"]


@pytest.fixture
def threads():
    with ThreadPoolExecutor(8) as pool:
        yield pool


def begun(app):
    """How many have begun that were not counted yet; all of them are there by now."""
    return sum(app.begun.acquire(timeout=0.05) for _ in range(8))


def test_only_so_many_are_worked_on_and_each_that_is_done_lets_the_next_one_in(threads):
    app = App()
    in_turns = InTurns(app)
    answers = [threads.submit(in_turns, {}, None) for _ in range(5)]

    assert begun(app) == AT_ONCE == 2
    app.go_on.release()
    assert begun(app) == 1
    for _ in range(4):
        app.go_on.release()
    assert [answer.result(PATIENCE) for answer in answers] == [[b"done"]] * 5


def test_who_steps_aside_holds_nobody_up(threads):
    app = App(aside=True)
    in_turns = InTurns(app)
    answers = [threads.submit(in_turns, {}, None) for _ in range(5)]

    assert begun(app) == 5
    for _ in range(5):
        app.go_on.release()
    assert [answer.result(PATIENCE) for answer in answers] == [[b"done"]] * 5


def test_one_that_fails_lets_the_next_one_in():
    def fails(_environ, _respond):
        raise RuntimeError("on purpose")

    in_turns = InTurns(fails, at_once=1)
    for _ in range(3):
        with pytest.raises(RuntimeError):
            in_turns({}, None)


def test_where_no_turns_are_taken_nobody_has_to_step_aside():
    step_aside({})
