"""A memory card bears only so many writes: what the kiosk writes, counted by the kernel.

`-s` shows the figures; those in `docs/reference/service.md` were found by the same means.
"""

import time

from tests.appliance.machine import Machine

SETTLES_IN = 20.0
"""Seconds after its start in which everything is in place."""

IDLE = 60.0

MOST_FOR_A_NOTE = 80 * 1024
"""Bytes that it may take to keep how far a session is: a few pages, and once more in the journal
that makes them whole.
"""

NOTES = 5
"""Of a session with the short program: it begins, a repetition for each side, it ends, how hard it
was.
"""


def test_an_idle_kiosk_writes_nothing_and_a_session_a_few_pages_a_note(kiosk: Machine):
    time.sleep(SETTLES_IN)
    before = kiosk.bytes_written()
    time.sleep(IDLE)
    assert kiosk.bytes_written() == before

    kiosk.press()
    kiosk.until_it_says("asking, by ended")
    kiosk.press("hold")
    kiosk.until_it_says("finished")
    kiosk.until(lambda: '"completed"' in kiosk.run("kiosk", "history", "--json"))
    wrote = kiosk.bytes_written() - before
    print(f"a session of {NOTES} notes: {wrote} bytes")  # noqa: T201
    assert 0 < wrote <= NOTES * MOST_FOR_A_NOTE
