"""The threads that hold a session together: the conductor, who owns its state, and the player."""
