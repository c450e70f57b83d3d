"""Invented neighbours with an account: they speak and support, and nobody can sign in as them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.gis.geos import Point

from accounts.models import User
from accounts.services import consent
from accounts.services.factor import confirm_address
from reports.demo.town import SLUG, places
from reports.models import Quarter
from reports.services.areas import follow_area

# Longer than the reports go back: none of them is a newcomer.
JOINED_BEFORE = timedelta(days=200)
# What the demonstration citizen follows besides her own reports: a quarter, and so many metres around another's centre.
FOLLOWED_QUARTER, FOLLOWED_PLACE, FOLLOWED_RADIUS_M = "mokolo", "bastos", 1000


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A first name, and whether it is shown to everybody."""

    name: str
    shows_name: bool = False


NEIGHBOURS = {
    "neighbour-1": Neighbour("Aïcha", shows_name=True),
    "neighbour-2": Neighbour("Brice"),
    "neighbour-3": Neighbour("Estelle", shows_name=True),
    "neighbour-4": Neighbour("Serge"),
    "neighbour-5": Neighbour("Mireille"),
    "neighbour-6": Neighbour("Hamidou", shows_name=True),
    "neighbour-7": Neighbour("Odile"),
    "neighbour-8": Neighbour("Franck"),
}


def load_neighbours(*, now: datetime) -> dict[str, User]:
    """Create the neighbours, without a password; return them by key."""
    users = {}
    for key, neighbour in NEIGHBOURS.items():
        user = User.objects.create_user(
            f"{key}@demo.fixmyquarter.example",
            name=neighbour.name,
            shows_name=neighbour.shows_name,
            date_joined=now - JOINED_BEFORE,
        )
        confirm_address(user=user)
        consent.give(user=user, documents=consent.VERSIONS, at=now)
        users[key] = user
    return users


def follow_places(*, citizen: User) -> None:
    """Let the demonstration citizen follow a quarter and a circle."""
    follow_area(quarter=Quarter.objects.get(town__slug=SLUG, slug=FOLLOWED_QUARTER), user=citizen, language="fr")
    (known,) = (place for place in places() if place.slug == FOLLOWED_PLACE)
    centre = Point(known.longitude, known.latitude, srid=4326)
    follow_area(centre=centre, radius_m=FOLLOWED_RADIUS_M, user=citizen, language="fr")
