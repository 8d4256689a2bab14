"""Serves the pages: the server, its connections, and whose turn it is."""
