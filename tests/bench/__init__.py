"""Measurements, each a script of its own; none is a test."""
