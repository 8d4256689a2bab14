"""Exercise programs: model, TOML files, every check on them, and the service to edit them."""
