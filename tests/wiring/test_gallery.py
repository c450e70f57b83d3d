"""The gallery of components is for development: production does not know its address."""

import os
import subprocess
import sys
from pathlib import Path

from django.test import Client

from tests.wiring.test_settings import SECRETS

KNOWS_GALLERY = """
import django
django.setup()
from django.urls import NoReverseMatch, reverse
try:
    print(reverse("gallery"))
except NoReverseMatch:
    print("unknown")
"""


def test_gallery_shows_every_status_in_development(client: Client, db: None) -> None:
    page = client.get("/galerie/").content.decode()
    statuses = ("pending", "open", "in_progress", "resolved", "rejected", "duplicate", "withdrawn")
    assert all(f'data-status="{status}"' in page for status in statuses)


def test_gallery_is_unknown_in_production() -> None:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("FMQ_")}
    environment = {**clean, **SECRETS, "FMQ_ENV": "production", "DJANGO_SETTINGS_MODULE": "fixmyquarter.settings"}
    done = subprocess.run(
        [sys.executable, "-c", KNOWS_GALLERY],
        cwd=Path(__file__).parents[2],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "unknown\n"
