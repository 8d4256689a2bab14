"""Access to the pages: pairing code, passphrase, sessions, rate limits."""
