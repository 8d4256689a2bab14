"""The caregiver's pages: Flask, one folder a page; they use the services of `kiosk.services`."""
