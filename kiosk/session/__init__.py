"""Rules of a session as pure functions: the table of states, the button's gestures, the light."""
