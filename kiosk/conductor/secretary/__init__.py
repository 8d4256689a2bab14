"""The secretary: what is due when, and what became of it, kept on a thread of its own."""
