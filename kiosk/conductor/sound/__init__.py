"""What is heard: speech rendered, put together and played, on threads of their own."""
