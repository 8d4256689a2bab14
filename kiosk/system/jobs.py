"""Slow work that must not keep the controller waiting."""

import queue
from collections.abc import Callable

Job = Callable[[], None]  # does its work and posts the result itself; must not raise


class JobQueue:
    """Jobs, done one after another by a thread of their own."""

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()

    def submit(self, job: Job) -> None:
        """Have `job` done, after those submitted before. Any thread; returns at once."""
        self._jobs.put(job)

    def close(self) -> None:
        """Let `run` return after the job it is doing."""
        self._jobs.put(None)

    def run(self) -> None:
        """The body of the jobs' thread; returns after `close`."""
        while (job := self._jobs.get()) is not None:
            job()
