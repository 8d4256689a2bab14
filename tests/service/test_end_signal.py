"""A signal to end may come at any moment, also while the kiosk settles down to wait."""

import subprocess
import sys

STEPS = 80
"""More than waiting has until it has begun in earnest."""

WAITS = f"""\
import signal
import sys

from kiosk.service.service import EndRequest

for step in range({STEPS}):
    ending = EndRequest()
    signal.signal(signal.SIGTERM, lambda *_: ending.make())
    signal.signal(signal.SIGALRM, lambda *_: ending.make())
    left = step

    def count(frame, event, arg):
        global left
        frame.f_trace_opcodes = True
        left -= 1
        if left == 0:
            sys.settrace(None)
            signal.raise_signal(signal.SIGTERM)
        return count

    # Where waiting has fewer steps than this, it ends by itself.
    signal.setitimer(signal.ITIMER_REAL, 0.02)
    sys.settrace(count)
    ending.wait()
    sys.settrace(None)
print("ended each time")
"""


def test_at_whatever_step_of_waiting_it_comes_it_is_heeded():
    done = subprocess.run(
        [sys.executable, "-c", WAITS], capture_output=True, text=True, timeout=30, check=True
    )
    assert done.stdout == "ended each time\n"
