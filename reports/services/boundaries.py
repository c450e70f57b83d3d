"""Loading a town's quarters: the one way in which boundaries enter the database."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.contrib.gis.db.models import Union
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon, Polygon
from django.db import transaction
from django.utils.translation import gettext as _

from reports.boundaries import QuarterShape, as_multipolygon
from reports.models import Quarter, Town

# In degrees, at the equator.
CENTIMETRE = 1e-7


class BoundariesRefusedError(Exception):
    """The quarters do not fit the town; the message says why and what to do."""


@dataclass(slots=True)
class LoadedQuarters:
    """What a load did, by the quarters' names; `missing` are those of the town that the file does not have."""

    town: Town
    town_created: bool
    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


@transaction.atomic
def load_quarters(
    *,
    town: str,
    features: Iterable[QuarterShape],
    town_name: str = "",
    approximate: bool = False,
    boundary_note: str = "",
    dry_run: bool = False,
) -> LoadedQuarters:
    """Create or update the town and its quarters by slug; all of them or none.

    Quarters that the features do not name stay as they are, because reports may lie in them. The town's boundary
    becomes the union of all its quarters. `dry_run` does everything, reports it, and takes it back.
    """
    shapes = list(features)
    if not shapes:
        raise BoundariesRefusedError(_("Il n’y a aucun quartier à charger."))
    area = as_multipolygon(MultiPolygon([part for shape in shapes for part in shape.boundary], srid=4326).unary_union)
    existing = Town.objects.select_for_update().filter(slug=town).first()
    if existing is None:
        if not town_name:
            raise BoundariesRefusedError(
                _("La ville « %(town)s » n’existe pas encore : donnez son nom.") % {"town": town}
            )
        existing = Town.objects.create(
            slug=town, name=town_name, boundary=area, centre=area.point_on_surface, boundary_note=boundary_note
        )
        loaded = LoadedQuarters(existing, town_created=True)
    else:
        refuse_swapped(existing, area)
        loaded = LoadedQuarters(existing, town_created=False)
    write_quarters(loaded, shapes, approximate=approximate)
    update_town(existing, town_name, boundary_note)
    if dry_run:
        transaction.set_rollback(True)
    return loaded


def refuse_swapped(town: Town, area: MultiPolygon) -> None:
    """Refuse an area that lies elsewhere, but on the town once longitude and latitude are exchanged.

    Near the equator both orders are possible coordinates, so that only the known town can tell them apart.
    """
    west, south, east, north = area.extent
    mirrored = Polygon.from_bbox((south, west, north, east))
    mirrored.srid = area.srid
    if not town.boundary.intersects(area) and town.boundary.intersects(mirrored):
        message = _(
            "Les contours ne touchent pas %(town)s, sauf si l’on échange longitude et latitude : corrigez le fichier."
        )
        raise BoundariesRefusedError(message % {"town": town.name})


def write_quarters(loaded: LoadedQuarters, shapes: list[QuarterShape], *, approximate: bool) -> None:
    """Create what is new, save what differs, and sort the names into `loaded`."""
    known = {quarter.slug: quarter for quarter in Quarter.objects.filter(town=loaded.town)}
    for shape in shapes:
        quarter = known.pop(shape.slug, None)
        if quarter is None:
            Quarter.objects.create(
                town=loaded.town, slug=shape.slug, name=shape.name, boundary=shape.boundary, approximate=approximate
            )
            loaded.created.append(shape.name)
        elif is_same(quarter, shape, approximate=approximate):
            loaded.unchanged.append(shape.name)
        else:
            quarter.name, quarter.approximate, quarter.boundary = shape.name, approximate, shape.boundary
            quarter.save(update_fields=["name", "approximate", "boundary"])
            loaded.updated.append(shape.name)
    loaded.missing = sorted(quarter.name for quarter in known.values())


def is_same(quarter: Quarter, shape: QuarterShape, *, approximate: bool) -> bool:
    """Say whether a quarter is already what the file says; another projection differs by less than a centimetre."""
    said = (quarter.name, quarter.approximate) == (shape.name, approximate)
    return said and quarter.boundary.equals_exact(shape.boundary, CENTIMETRE)


def update_town(town: Town, name: str, boundary_note: str) -> None:
    """Give the town the union of its quarters, a centre on it, and the words that were given."""
    union: GEOSGeometry = Quarter.objects.filter(town=town).aggregate(area=Union("boundary"))["area"]
    town.boundary = as_multipolygon(union)
    town.centre = union.point_on_surface
    town.name = name or town.name
    town.boundary_note = boundary_note or town.boundary_note
    town.save(update_fields=["boundary", "centre", "name", "boundary_note"])
