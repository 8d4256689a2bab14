"""Where the settings come from, and whether they can be gone by."""
