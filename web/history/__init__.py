"""The page History: calendar, weeks, sessions, proposed steps, changes."""
