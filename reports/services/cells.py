"""Merging the map's count changes, so that reading them stays cheap."""

from django.db import connection, transaction

# Two beats at once must not merge the same rows; the second one leaves it for the next minute.
COMPACTION_LOCK = 7_201_001

MERGE = """
WITH crowded AS (
    SELECT level, x, y, category_id, status FROM reports_mapcell
    GROUP BY 1, 2, 3, 4, 5 HAVING count(*) > 1 LIMIT 50000
), gone AS (
    DELETE FROM reports_mapcell AS cell USING crowded
    WHERE (cell.level, cell.x, cell.y, cell.category_id, cell.status)
        = (crowded.level, crowded.x, crowded.y, crowded.category_id, crowded.status)
    RETURNING cell.level, cell.x, cell.y, cell.category_id, cell.status,
        cell.count, cell.lon_sum, cell.lat_sum
)
INSERT INTO reports_mapcell (level, x, y, category_id, status, count, lon_sum, lat_sum)
SELECT level, x, y, category_id, status, sum(count), sum(lon_sum), sum(lat_sum) FROM gone
GROUP BY 1, 2, 3, 4, 5 HAVING sum(count) <> 0
"""


@transaction.atomic
def compact() -> None:
    """Replace the rows of every cell that has several by their sum; readers see the same counts throughout."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [COMPACTION_LOCK])
        (locked,) = cursor.fetchone()
        if locked:
            cursor.execute("SET LOCAL statement_timeout = '5min'")
            cursor.execute(MERGE)
