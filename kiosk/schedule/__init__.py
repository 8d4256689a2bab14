"""The schedule: plan entries, occurrences, what is due, the scheduler thread, progress."""
