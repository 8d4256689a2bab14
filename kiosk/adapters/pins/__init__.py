"""The button and the light on the pins of a Raspberry Pi, real or simulated."""
