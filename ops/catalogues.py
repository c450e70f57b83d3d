"""Compile the translations that are newer than their compiled form; they are not kept in the repository."""

import os

import django
from django.core.management import call_command

NOT_OURS = [".venv", "var"]


def compile_catalogues() -> None:
    """Compile; Django must be set up."""
    call_command("compilemessages", ignore_patterns=NOT_OURS, verbosity=0)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fixmyquarter.settings")
    django.setup()
    compile_catalogues()
