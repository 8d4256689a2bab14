"""Settings: model, sources, checks, and the service that holds those in force."""
