"""Renders speech with pyttsx3 in a child process, and keeps the clips on disk."""
