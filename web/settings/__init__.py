"""The page Settings: its forms, signed-in devices, passphrase, calendar, backups."""
