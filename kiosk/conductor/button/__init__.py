"""The button: what presses there are, which of them count, and what they do."""
