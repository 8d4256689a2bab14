"""Who may come in: passphrase, spoken code, known devices, and waits for who guesses."""
