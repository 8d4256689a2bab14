"""The pages Now and Room, and their live stream."""
