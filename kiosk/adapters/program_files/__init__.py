"""Reads exercise programs from TOML files."""
