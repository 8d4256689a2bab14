"""What was done: sessions, adherence, audit log, export."""
