"""The programs' room: read, heard, edited, and their doses."""

from web.pages.programs.views import pages as pages
