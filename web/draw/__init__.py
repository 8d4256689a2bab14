"""Pictures for the pages: where each thing stands, as plain data; templates make the marks."""
