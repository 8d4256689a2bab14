"""The self-check: one module a subject, its facts and its verdict."""
