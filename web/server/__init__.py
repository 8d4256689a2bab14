"""The WSGI server inside the kiosk process, with its limits."""
