"""The kiosk's own child where no file can grow beyond 4 kB."""

import resource
import sys

from kiosk.speech import worker

if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
    sys.exit(worker.main(worker.Pyttsx3Renderer))
