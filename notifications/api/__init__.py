"""The part of API v1 that is about being told."""
