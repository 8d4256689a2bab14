"""The real parts behind the ports: files, speech engine, sound card, pins, terminal."""
