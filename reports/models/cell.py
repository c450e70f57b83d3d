"""Counts of public reports per map cell, so that a far-away view costs the same however many reports there are."""

from django.db import models


class MapCell(models.Model):
    """A change of the count in one Web Mercator tile, or the sum of earlier changes.

    Rows are only ever added (a database trigger on reports does, so that no transaction waits for another one's row);
    readers sum them, and a task merges them. See migration 0003.
    """

    level = models.PositiveSmallIntegerField()
    x = models.IntegerField()
    y = models.IntegerField()
    category_id = models.BigIntegerField()
    status = models.CharField(max_length=16)
    count = models.IntegerField()
    # Divided by the count they give the middle of the reports, where the map writes the number.
    lon_sum = models.FloatField()
    lat_sum = models.FloatField()

    class Meta:
        indexes = [
            # A viewport is one range of x and y at one level; `include` keeps it an index-only read.
            models.Index(
                fields=["level", "x", "y"],
                include=["category_id", "status", "count", "lon_sum", "lat_sum"],
                name="map_cells_by_place",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.level}/{self.x}/{self.y}"
