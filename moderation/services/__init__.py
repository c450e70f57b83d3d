"""Writes of the back office that are not the domain's own: complaints, and judging what was held."""
