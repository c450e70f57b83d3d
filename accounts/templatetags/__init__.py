"""Tags of the pages about people."""
