"""Pins, button, light, simulation, board."""
