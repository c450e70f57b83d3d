"""Between the data and the portal: schema, catalogues, static files, demonstration town, in one start of Django.

Run as `python -m ops.prepare` with the portal's environment. Every step changes nothing when it has nothing to do.
"""

import hashlib
import os
from pathlib import Path

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command

from ops.catalogues import compile_catalogues
from ops.state import State


def main() -> None:
    """Bring the database, the catalogues and the static files to where the code is."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fixmyquarter.settings")
    django.setup()
    state = State(Path(os.environ["FMQ_VAR"]))
    compile_catalogues()
    call_command("migrate", interactive=False, verbosity=1)
    collect_static(Path(settings.STATIC_ROOT) / ".collected")
    if os.environ.get("FMQ_DEMO", "1") == "1" and not state.demo.exists():
        call_command("demo")


def collect_static(stamp: Path) -> None:
    """Collect the static files, unless the stamp says that they are those of the last time: it takes seconds."""
    found = fingerprint()
    if stamp.exists() and stamp.read_text() == found:
        return
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(found)


def fingerprint() -> str:
    """Return a hash of all static files' places, sizes and times."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list(ignore_patterns=[]):
            facts = Path(storage.path(path)).stat()
            digest.update(f"{storage.path(path)} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()


if __name__ == "__main__":
    main()
