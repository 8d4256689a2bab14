"""The words of the kiosk: gettext catalogues, one folder per language, and how they are read."""
