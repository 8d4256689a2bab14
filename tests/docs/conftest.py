from tests.cli.conftest import kiosk

__all__ = ["kiosk"]
