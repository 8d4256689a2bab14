"""Speech: engines in child processes, voices, the clip cache, what is rendered for a session."""
