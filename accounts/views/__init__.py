"""Pages about people: the doors of signing in, the person's own space, their data."""
