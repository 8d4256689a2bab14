"""The pages Programs: list, one program with its doses, the form to edit it."""
