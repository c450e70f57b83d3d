"""Dates as our readers write them, where Django's own formats are another country's."""
