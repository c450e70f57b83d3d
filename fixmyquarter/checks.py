"""System checks of our own, with ids."""
