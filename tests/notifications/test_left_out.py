"""An installation that tells nobody: the portal works without this app."""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings

from accounts.models import User
from reports.models import Category, Event, Quarter, Report
from tests.factories import CENTRE
from tests.reports.live_process import database_url

# In a process of its own: apps are chosen when it starts.
BEGIN = """
import json, django
from django.conf import settings
settings.ALLOWED_HOSTS.append("testserver")
settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
django.setup()
"""
TAKE_A_REPORT = """
from django.apps import apps
from django.contrib.gis.geos import Point
from django.test import Client
from accounts.models import User
from reports.models import Category, ConsumerPosition
from reports.permissions import Actor
from reports.services.community import vote
from reports.services.dispatch import sweep_events
from reports.services.handling import change_status
from reports.services.reporting import create_report
point = Point(*{centre}, srid=4326)
filing = create_report(category=Category.objects.get(), point=point, contact_email="a@example.org")
change_status(report=filing.report, to="open", actor=Actor(roles=frozenset({{"moderator"}})))
vote(report=filing.report, device="d" * 24)
sweep_events()
client = Client()
paths = ["/", f"/signalements/{{filing.report.ref}}/", f"/suivi/{{filing.follow.token}}/", "/compte/connexion/",
         f"/api/v1/reports/{{filing.report.ref}}/", "/metrics", "/envois/x/"]
print(json.dumps({{
    "installed": apps.is_installed("notifications"),
    "ref": filing.report.ref,
    "positions": ConsumerPosition.objects.count(),
    "answers": [client.get(path).status_code for path in paths],
}}))
"""


def run(*command: str) -> str:
    """Run Python without the app, on the database of this test."""
    environment = {
        **os.environ,
        "FMQ_NOTIFICATIONS": "0",
        "FMQ_DATABASE_URL": database_url(),
        "DJANGO_SETTINGS_MODULE": "fixmyquarter.settings",
    }
    done = subprocess.run(  # noqa: S603  (our own program)
        [sys.executable, *command], env=environment, cwd=settings.BASE_DIR, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr[-700:] if done.returncode else "") == (0, "")
    return done.stdout


@pytest.mark.django_db(transaction=True)
def test_portal_without_this_app_passes_its_checks() -> None:
    assert "no issues" in run("manage.py", "check")


@pytest.mark.django_db(transaction=True)
def test_portal_without_this_app_takes_reports(quarter: Quarter, category: Category) -> None:
    found = json.loads(run("-c", BEGIN + TAKE_A_REPORT.format(centre=CENTRE)).splitlines()[-1])
    report = Report.objects.get()
    assert found == {
        "installed": False,
        "ref": report.ref,
        # The back office listens too: to pictures, and to what takes something from somebody.
        "positions": 2,
        "answers": [200, 200, 200, 200, 200, 200, 404],
    }
    assert (report.status, report.votes) == ("open", 1)
    assert {"created", "status_changed", "voted"} <= set(Event.objects.values_list("kind", flat=True))


@pytest.mark.django_db(transaction=True)
def test_admin_without_this_app_opens(administrator: User) -> None:
    script = f"""
from accounts.models import User
from tests.client import Client
client = Client()
client.force_login(User.objects.get(pk={administrator.pk}))
page = client.get("/admin/")
print(page.status_code, "notifications_delivery" in page.content.decode())
"""
    assert run("-c", BEGIN + script).splitlines()[-1] == "200 False"
