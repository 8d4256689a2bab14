"""The hardware: pins, button, light, simulation, board."""
