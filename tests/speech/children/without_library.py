"""The kiosk's own child on a machine that has no speech library."""

import ctypes
import sys


def nothing_found(name):
    raise OSError(f"{name}: cannot open shared object file")


if __name__ == "__main__":
    ctypes.cdll.LoadLibrary = nothing_found
    from kiosk.speech import worker

    sys.exit(worker.main(worker.Pyttsx3Renderer))
