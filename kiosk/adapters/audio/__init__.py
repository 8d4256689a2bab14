"""Plays sound: on a sound card, or in silence where there is none."""
