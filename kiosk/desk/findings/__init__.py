"""What facts about a kiosk mean, and what to do about them: pure functions."""
