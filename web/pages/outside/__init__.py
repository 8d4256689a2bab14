"""What other machines ask of the kiosk: whether it is well, and the plan for their calendars."""

from web.pages.outside.views import pages as pages
