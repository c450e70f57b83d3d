"""Somebody else at work on the same portal, in a process of their own: reads one JSON command a line, answers in one.

Run as `python -m tests.browser.live_actor` with the portal's environment.
"""

import json
import random
import sys
from typing import Any

import django

django.setup()

from django.contrib.gis.geos import Point  # noqa: E402
from django.db import transaction  # noqa: E402

from accounts.models import Role, User  # noqa: E402
from reports import workflow  # noqa: E402
from reports.models import Quarter, Report  # noqa: E402
from reports.permissions import actor_for  # noqa: E402
from reports.services.community import vote  # noqa: E402
from reports.services.handling import change_status  # noqa: E402
from tests.factories import QuarterFactory, ReportFactory, TownFactory, UserFactory, give, square  # noqa: E402

EMAIL = "live@example.org"
WEST, SOUTH, SIDE = 11.46, 3.80, 0.12


def fill(number: int) -> None:
    """Make a town of four quarters with so many reports all over it."""
    town = TownFactory(boundary=square(WEST, SOUTH, SIDE), centre=Point(WEST + SIDE / 2, SOUTH + SIDE / 2, srid=4326))
    half = SIDE / 2
    for place, name in enumerate(["Mokolo", "Bastos", "Essos", "Tsinga"]):
        corner = square(WEST + half * (place % 2), SOUTH + half * (place // 2), half)
        QuarterFactory(town=town, slug=name.lower(), name=name, boundary=corner)
    give(UserFactory(email=EMAIL), Role.MODERATOR, town=town)
    dice = random.Random(5)  # noqa: S311  (the same map in every run)
    for _number in range(number):
        add(WEST + SIDE * dice.uniform(0.02, 0.98), SOUTH + SIDE * dice.uniform(0.02, 0.98), workflow.OPEN)


def add(lon: float, lat: float, status: str) -> str:
    """Make a report and return its number."""
    point = Point(lon, lat, srid=4326)
    quarter = Quarter.objects.containing(point).get()
    return str(ReportFactory(point=point, quarter=quarter, status=status).ref)


def change(ref: str, to: str) -> None:
    """Change a status as the moderator."""
    report = Report.objects.get(ref=ref)
    change_status(report=report, to=to, actor=actor_for(User.objects.get(email=EMAIL), report), note="Vu sur place.")


def support(ref: str, device: str) -> None:
    """Give one device's vote."""
    vote(report=Report.objects.get(ref=ref), device=device)


def change_late(ref: str, to: str) -> None:
    """Change a status in a transaction that ends with the next line of input."""
    with transaction.atomic():
        change(ref, to)
        answer(None)
        sys.stdin.readline()


def answer(value: Any) -> None:
    """Write one line."""
    sys.stdout.write(f"{json.dumps(value)}\n")
    sys.stdout.flush()


COMMANDS = {command.__name__: command for command in (fill, add, change, support, change_late)}

if __name__ == "__main__":
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        answer(COMMANDS[name](*arguments))
