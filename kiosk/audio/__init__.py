"""Audio output: sound card, mixer, playlist, the player thread, WAV files."""
