"""Finds out the facts about this machine and its kiosk that `kiosk doctor` tells."""
