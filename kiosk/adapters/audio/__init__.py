"""Plays sound: on a sound card, in silence where there is none, or into a file."""
