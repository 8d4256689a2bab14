"""The self-check: one module a subject, with its facts and their verdict together."""
