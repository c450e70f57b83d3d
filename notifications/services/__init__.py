"""Writes of this room, one module per use case: what to send to whom, and sending it."""
