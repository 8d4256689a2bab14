"""First set-up."""
