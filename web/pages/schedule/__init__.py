"""The schedule's room: the week, and the entries of the plan."""

from web.pages.schedule.views import pages as pages
