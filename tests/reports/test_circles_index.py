"""The index that answers "who follows a circle around this point?" holds circles only, and is used."""

import pytest
from django.contrib.gis.geos import Point
from django.db import connection

from reports.models import Follow

pytestmark = pytest.mark.django_db


def test_index_of_circles_leaves_out_what_has_none() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'followed_circles'")
        (definition,) = cursor.fetchone()
    assert definition == (
        "CREATE INDEX followed_circles ON public.reports_follow USING gist (circle) WHERE (circle IS NOT NULL)"
    )


def test_circles_around_a_point_are_read_by_their_index() -> None:
    around = Follow.objects.filter(circle__covers=Point(11.5, 3.8, srid=4326))
    with connection.cursor() as cursor:
        # An empty table is read as a whole, whatever indexes it has.
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert "followed_circles" in around.explain()
