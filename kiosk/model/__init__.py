"""Plain data that every floor above speaks in."""
