"""Keeps the map's counts: each change of a public report adds rows to `reports_mapcell`.

Statement-level triggers with transition tables, so that an import of a million rows costs one insert, and rows that are
only ever added, so that two transactions never wait for each other. The levels are `reports.geo.CELL_LEVELS`.
"""

from django.db import migrations

CREATE = """
CREATE FUNCTION reports_map_cells(place geometry)
RETURNS TABLE (level int, x int, y int) LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT level,
        least(2 ^ level - 1, greatest(0, floor((ST_X(place) + 180) / 360 * 2 ^ level)))::int,
        least(2 ^ level - 1, greatest(0, floor((1 - asinh(tan(radians(
            least(85.05112878, greatest(-85.05112878, ST_Y(place)))))) / pi()) / 2 * 2 ^ level)))::int
    FROM unnest(ARRAY[4, 6, 8, 10, 12, 14, 15, 16, 17, 18]) AS level
$$;

CREATE FUNCTION reports_map_cells_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO reports_mapcell (level, x, y, category_id, status, count, lon_sum, lat_sum)
    SELECT cell.level, cell.x, cell.y, report.category_id, report.status,
        count(*), sum(ST_X(report.point)), sum(ST_Y(report.point))
    FROM added AS report, reports_map_cells(report.point) AS cell
    WHERE report.status IN ('open', 'in_progress', 'resolved')
    GROUP BY 1, 2, 3, 4, 5;
    RETURN NULL;
END $$;

CREATE FUNCTION reports_map_cells_removed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO reports_mapcell (level, x, y, category_id, status, count, lon_sum, lat_sum)
    SELECT cell.level, cell.x, cell.y, report.category_id, report.status,
        -count(*), -sum(ST_X(report.point)), -sum(ST_Y(report.point))
    FROM removed AS report, reports_map_cells(report.point) AS cell
    WHERE report.status IN ('open', 'in_progress', 'resolved')
    GROUP BY 1, 2, 3, 4, 5;
    RETURN NULL;
END $$;

CREATE FUNCTION reports_map_cells_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO reports_mapcell (level, x, y, category_id, status, count, lon_sum, lat_sum)
    SELECT cell.level, cell.x, cell.y, report.category_id, report.status,
        sum(report.change), sum(report.change * ST_X(report.point)), sum(report.change * ST_Y(report.point))
    FROM (
        SELECT removed.point, removed.category_id, removed.status, -1 AS change
        FROM removed JOIN added USING (id)
        WHERE (removed.status, removed.category_id) <> (added.status, added.category_id)
            OR NOT ST_Equals(removed.point, added.point)
        UNION ALL
        SELECT added.point, added.category_id, added.status, 1
        FROM removed JOIN added USING (id)
        WHERE (removed.status, removed.category_id) <> (added.status, added.category_id)
            OR NOT ST_Equals(removed.point, added.point)
    ) AS report, reports_map_cells(report.point) AS cell
    WHERE report.status IN ('open', 'in_progress', 'resolved')
    GROUP BY 1, 2, 3, 4, 5;
    RETURN NULL;
END $$;

CREATE TRIGGER reports_map_cells_added AFTER INSERT ON reports_report
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION reports_map_cells_added();
CREATE TRIGGER reports_map_cells_removed AFTER DELETE ON reports_report
    REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION reports_map_cells_removed();
CREATE TRIGGER reports_map_cells_changed AFTER UPDATE ON reports_report
    REFERENCING OLD TABLE AS removed NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION reports_map_cells_changed();
"""

DROP = """
DROP TRIGGER reports_map_cells_changed ON reports_report;
DROP TRIGGER reports_map_cells_removed ON reports_report;
DROP TRIGGER reports_map_cells_added ON reports_report;
DROP FUNCTION reports_map_cells_changed();
DROP FUNCTION reports_map_cells_removed();
DROP FUNCTION reports_map_cells_added();
DROP FUNCTION reports_map_cells(geometry);
"""


class Migration(migrations.Migration):
    dependencies = [("reports", "0002_initial")]

    operations = [migrations.RunSQL(CREATE, DROP)]
