"""First set-up: pairing code, passphrase, then speaker, time zone and plan."""
