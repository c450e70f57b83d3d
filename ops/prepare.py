"""Between the data and the portal: schema, catalogues, static files, demonstration town, in one start of Django.

Run as `python -m ops.prepare` with the portal's environment. Every step changes nothing when it has nothing to do.
"""

import os
from pathlib import Path

import django
from django.core.management import call_command

from ops.catalogues import compile_catalogues
from ops.state import State


def main() -> None:
    """Bring the database, the catalogues and the static files to where the code is."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fixmyquarter.settings")
    django.setup()
    compile_catalogues()
    call_command("migrate", interactive=False, verbosity=1)
    call_command("collectstatic", interactive=False, verbosity=0)
    state = State(Path(os.environ["FMQ_VAR"]))
    if os.environ.get("FMQ_DEMO", "1") == "1" and not state.demo.exists():
        call_command("demo")


if __name__ == "__main__":
    main()
