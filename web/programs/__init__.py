"""The pages Programs."""
