"""The settings' room: sound, voice, times, who is in, backups."""

from web.pages.settings.views import pages as pages
