"""The room that shows what is happening, and tells of each change at once."""

from web.pages.now.views import pages as pages
