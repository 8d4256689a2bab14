"""What the kiosk remembers, in one SQLite file; `docs/explanation/store.md` tells how and why."""
