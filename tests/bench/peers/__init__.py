"""What a person would otherwise use to count: four ways, as they are usually written.

Each counts to eight, one number every 4.5 seconds, and then reads a sentence aloud. Enter begins,
and Enter pauses as soon as the program looks. Each is a program of its own, for `python -m`.
"""
