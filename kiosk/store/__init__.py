"""SQLite: database, migrations, one module a noun; backup and restore."""
