"""The first steps with a new kiosk."""

from web.pages.setup.views import pages as pages
