"""Who may use the pages: pairing code, passphrase, sessions, rate limits."""
