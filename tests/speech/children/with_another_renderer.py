"""The kiosk's own child program around a renderer that misbehaves: `… MODE`."""

import os
import sys
import threading

from kiosk.speech import worker


class Noisy(worker.Pyttsx3Renderer):
    """Prints in every way there is while it works."""

    def render(self, **request):
        sys.stdout.write("Audio saved to your disk\n")
        os.write(1, b"written past Python\n")
        os.system("echo said by another program")  # noqa: S605
        super().render(**request)


class Hanging(worker.Pyttsx3Renderer):
    """Never comes back from a text."""

    def render(self, **_request):
        threading.Event().wait()


if __name__ == "__main__":
    match sys.argv[1]:
        case "noisy":
            sys.exit(worker.main(Noisy))
        case "hanging":
            sys.exit(worker.main(Hanging, grace_s=0.05))
        case "soon-idle":
            sys.exit(worker.main(worker.Pyttsx3Renderer, idle_s=0.05))
