"""The one way in which operations give up: a sentence for the person at the terminal."""


class Refusal(Exception):
    """What is wrong and what to do about it, in one sentence; the program ends with status 1."""
