"""The checks that every request passes: access, origin, size; and the headers of each answer."""
