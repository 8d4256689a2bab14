"""Programs that a test starts because only a process of its own can go through this."""
