"""Loading the whole demonstration; a second time changes nothing."""

import random
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.gis.geos import Point
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.db import connection, transaction
from django.utils.module_loading import import_string

from accounts.models import User
from reports.demo.catalogue import load_catalogue
from reports.demo.history import Cast, cast_of, is_written, picture_key, write
from reports.demo.neighbours import follow_places, load_neighbours
from reports.demo.people import load_people, read_sign_ins, write_sign_ins
from reports.demo.pictures import SIZES, Picture, all_pictures, variants
from reports.demo.promises import load_promises
from reports.demo.story import Teller
from reports.demo.talk import Talk
from reports.demo.town import load_town, places
from reports.models import Photo, Report, Town
from reports.services import rollups

# Two starts at once must not both find the town empty.
DEMO_LOCK = 7_201_002
# As many processes as the smallest machine has cores; drawing takes about half a second a picture.
PAINTERS = 2
# How far from a quarter's known place its reports lie, in degrees (0.003° is about 330 m).
SPREAD = 0.003


@dataclass(frozen=True, slots=True)
class LoadedDemo:
    """What a load found or made; `created` says whether the reports are new."""

    created: bool
    reports: int
    pictures_drawn: int


def load_demo(*, now: datetime, sign_in_file: Path) -> LoadedDemo:
    """Load the town, its catalogue, its people and their reports up to `now`, all or nothing, then the sign-in file.

    The file comes last: whoever finds it may rely on the rest being there.
    """
    drawn = store_pictures(storages["variants"])
    known = read_sign_ins(sign_in_file)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [DEMO_LOCK])
        town = load_town()
        load_catalogue(town)
        people, sign_ins = load_people(town=town, known=known)
        load_promises(town=town, told=people["moderator"], now=now)
        created = not is_written()
        if created:
            tell(town, people, now.astimezone(ZoneInfo(town.time_zone)))
    if created:
        # Whoever looks at the figures at once finds them; afterwards it is the beat's.
        rollups.recompute()
    if sign_ins != known:
        write_sign_ins(sign_in_file, sign_ins)
    return LoadedDemo(created=created, reports=Report.objects.count(), pictures_drawn=drawn)


def tell(town: Town, people: dict[str, User], now: datetime) -> None:
    """Write the past until `now` (aware, in the town's time zone), with what other apps add (`settings.DEMO_PARTS`)."""
    cast = cast_of(town, people | load_neighbours(now=now))
    stories = Teller(now, finder(cast)).stories()
    Talk(now).tell(stories)
    write(stories, cast)
    follow_places(citizen=people["citizen"])
    for part in settings.DEMO_PARTS:
        import_string(part)(now=now)


def store_pictures(storage: Storage) -> int:
    """Draw and store the pictures that the storage does not have; return how many."""
    missing = [
        picture for picture in all_pictures() if not all(storage.exists(name) for name in names(picture).values())
    ]
    if not missing:
        return 0
    # Fresh processes: a forked one would share this one's database connection.
    with ProcessPoolExecutor(PAINTERS, mp_context=get_context("spawn")) as painters:
        for picture, files in zip(missing, painters.map(variants, missing), strict=True):
            for width, name in names(picture).items():
                if not storage.exists(name):
                    storage.save(name, ContentFile(files[width]))
    return len(missing)


def names(picture: Picture) -> dict[int, str]:
    """Return the stored name of each variant of a picture."""
    photo = Photo(key=picture_key(picture))
    return {width: photo.variant_name(width) for width in SIZES}


def finder(cast: Cast) -> Callable[[random.Random], tuple[str, str, tuple[float, float]]]:
    """Return a function that draws a quarter and a point in it, near its known place."""
    centres = {place.slug: (place.longitude, place.latitude) for place in places() if place.slug in cast.quarters}
    boundaries = {slug: cast.quarters[slug].boundary.prepared for slug in centres}
    slugs = sorted(centres)

    def somewhere_in(chance: random.Random) -> tuple[str, str, tuple[float, float]]:
        slug = chance.choice(slugs)
        while True:
            position = (chance.gauss(centres[slug][0], SPREAD), chance.gauss(centres[slug][1], SPREAD))
            if boundaries[slug].contains(Point(*position, srid=4326)):
                return slug, cast.quarters[slug].name, (round(position[0], 6), round(position[1], 6))

    return somewhere_in
