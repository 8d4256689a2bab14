"""The shipped exercise programs, one TOML file each."""
