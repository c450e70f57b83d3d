"""Following a place instead of one report: a quarter, a category, both together, or a circle around a point."""

from typing import Any

from django.contrib.gis.geos import Point
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from reports.errors import BadArea, NotAllowed, OutsideServedArea, TooManyFollows
from reports.models import Category, Follow, Quarter
from reports.querysets import FollowQuerySet
from reports.services.community import ask
from reports.services.standing import check_standing

MIN_RADIUS_M = 200
MAX_RADIUS_M = 5000
# More than anybody reads; it bounds what one new report costs to tell.
MOST_AREAS = 50
# About a metre: the same place tapped twice is one circle.
COORDINATE_DIGITS = 5


@transaction.atomic
def follow_area(
    *,
    quarter: Quarter | None = None,
    category: Category | None = None,
    centre: Point | None = None,
    radius_m: int | None = None,
    user: User | None = None,
    email: str = "",
    device: str = "",
    language: str,
) -> Follow:
    """Follow what is new in an area: a person at once, an address once a link that is mailed to it has confirmed it.

    `centre` is in WGS 84 degrees; with it `radius_m` (metres) is needed and `quarter` must not be given. Following the
    same area again returns the first follow.

    Raises:
        NotAllowed: neither a person nor an address.
        BadArea: nothing to follow, a radius out of range, or a category that is offered no more.
        OutsideServedArea: the circle's centre lies in no quarter.
        TooManyFollows: this person or address follows MOST_AREAS already.
        Banned: this person, or the `device` of whoever gives an address, may not contribute now.
    """
    if user is None and not email:
        raise NotAllowed
    check_standing(user=user, device=device)
    check_area(quarter=quarter, category=category, centre=centre, radius_m=radius_m)
    area: dict[str, Any] = {"report": None, "quarter": quarter, "category": category, "centre": None, "radius_m": None}
    if centre is not None:
        place = Point(round(centre.x, COORDINATE_DIGITS), round(centre.y, COORDINATE_DIGITS), srid=4326)
        area |= {"centre": place, "radius_m": radius_m}
    if user is not None:
        # Two sendings at once must neither make two circles nor pass the limit together.
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        return find_or_make(Follow.objects.filter(user=user), area, {"user": user, "language": language})[0]
    email = email.lower()
    theirs = Follow.objects.of_address(email)
    row, is_new = find_or_make(theirs, area, {"email": email, "language": language})
    ask(row=row, is_new=is_new)
    return row


def check_area(
    *, quarter: Quarter | None, category: Category | None, centre: Point | None, radius_m: int | None
) -> None:
    """Refuse what cannot be followed.

    Raises:
        BadArea, OutsideServedArea
    """
    if category is not None and not category.is_active:
        raise BadArea(_("Cette catégorie n’est plus proposée. Choisissez-en une autre."), field="category")
    if centre is None:
        if quarter is None and category is None:
            raise BadArea(_("Choisissez un quartier, une catégorie, ou les deux."), field="quarter")
        return
    if quarter is not None:
        raise BadArea(_("Choisissez un quartier ou un cercle, pas les deux."), field="quarter")
    if radius_m is None or not MIN_RADIUS_M <= radius_m <= MAX_RADIUS_M:
        raise BadArea(_("Le rayon va de 200 m à 5 km."), field="radius_m")
    if not Quarter.objects.filter(boundary__covers=centre).exists():
        raise OutsideServedArea(field="place")


def find_or_make(theirs: FollowQuerySet, area: dict[str, Any], fields: dict[str, Any]) -> tuple[Follow, bool]:
    """Return somebody's follow of an area, and whether it was made now.

    Raises:
        TooManyFollows
    """
    empty = {f"{name}__isnull": True for name, value in area.items() if value is None}
    given = {name: value for name, value in area.items() if value is not None}
    row = theirs.filter(**empty, **given).first()
    if row is not None:
        return row, False
    if theirs.of_areas().count() >= MOST_AREAS:
        raise TooManyFollows
    return Follow.objects.create(**area, **fields), True
