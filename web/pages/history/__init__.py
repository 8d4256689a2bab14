"""The history's room: what was done, and the steps it asks for."""

from web.pages.history.views import pages as pages
