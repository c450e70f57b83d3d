"""The pages and small answers of being told."""
