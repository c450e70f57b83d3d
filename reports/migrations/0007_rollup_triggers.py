"""Notes which days of which quarter are to be counted anew: each change of a report adds rows to `reports_changedday`.

Statement-level triggers with transition tables and rows that are only ever added, as for the map's counts (0003). An
answer to "vraiment réglé ?" stands in the log alone, which is written a moment later. What stands in the tables today is
noted once, so that the first run of the task counts the past.
"""

from django.db import migrations

CREATE = """
-- How long a report waited or has been waiting. Told in whole days, begun ones counted, up to two months; in steps of
-- thirty beyond, and never above ten years. It begins when the report was sent: an import receives at once what was
-- published long ago.
CREATE FUNCTION reports_span(received timestamptz, published timestamptz, until timestamptz) RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT least(3600, CASE WHEN days <= 60 THEN greatest(1, days) ELSE ceil(days / 30) * 30 END)::int
    FROM (SELECT ceil(extract(epoch FROM until - least(received, published)) / 86400) AS days) AS exact
$$;

CREATE FUNCTION reports_note_days(quarter bigint, moments timestamptz[]) RETURNS TABLE (day date, quarter_id bigint)
LANGUAGE sql STABLE AS $$
    SELECT (moment AT TIME ZONE town.time_zone)::date, place.id
    FROM unnest(moments) AS moment, reports_quarter AS place JOIN reports_town AS town ON town.id = place.town_id
    WHERE place.id = quarter AND moment IS NOT NULL
$$;

-- When the author of a report answered; the condition is that of the index `answers_of_authors`.
CREATE FUNCTION reports_answers(report bigint) RETURNS timestamptz[] LANGUAGE sql STABLE AS $$
    SELECT array(
        SELECT at FROM reports_event AS answer WHERE answer.report_id = report
            AND (answer.kind = 'confirmed'
                OR (answer.kind = 'status_changed' AND answer.data -> 'from' = '"resolved"')))
$$;

CREATE FUNCTION reports_rollup_answered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO reports_changedday (day, quarter_id)
    SELECT noted.day, noted.quarter_id
    FROM reports_report AS report, reports_note_days(report.quarter_id, ARRAY[NEW.at]) AS noted
    WHERE report.id = NEW.report_id;
    RETURN NULL;
END $$;

CREATE FUNCTION reports_rollup_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO reports_changedday (day, quarter_id)
    SELECT DISTINCT noted.day, noted.quarter_id
    FROM added, reports_note_days(added.quarter_id, ARRAY[added.received_at, added.resolved_at]) AS noted;
    RETURN NULL;
END $$;

CREATE FUNCTION reports_rollup_removed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO reports_changedday (day, quarter_id)
    SELECT DISTINCT noted.day, noted.quarter_id
    FROM removed, reports_note_days(
        removed.quarter_id, ARRAY[removed.received_at, removed.resolved_at, removed.confirmed_at]) AS noted;
    RETURN NULL;
END $$;

CREATE FUNCTION reports_rollup_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO reports_changedday (day, quarter_id)
    SELECT DISTINCT noted.day, noted.quarter_id
    FROM removed JOIN added USING (id), LATERAL (
        SELECT * FROM reports_note_days(
            removed.quarter_id, ARRAY[removed.received_at, removed.resolved_at] || reports_answers(id))
        UNION ALL
        SELECT * FROM reports_note_days(
            added.quarter_id, ARRAY[added.received_at, added.resolved_at] || reports_answers(id))
    ) AS noted
    WHERE (removed.quarter_id, removed.category_id, removed.organisation_id, removed.status, removed.received_at,
            removed.published_at, removed.resolved_at, removed.due_at)
        IS DISTINCT FROM (added.quarter_id, added.category_id, added.organisation_id, added.status, added.received_at,
            added.published_at, added.resolved_at, added.due_at);
    RETURN NULL;
END $$;

CREATE TRIGGER reports_rollup_added AFTER INSERT ON reports_report
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION reports_rollup_added();
CREATE TRIGGER reports_rollup_removed AFTER DELETE ON reports_report
    REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION reports_rollup_removed();
CREATE TRIGGER reports_rollup_changed AFTER UPDATE ON reports_report
    REFERENCING OLD TABLE AS removed NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION reports_rollup_changed();
CREATE TRIGGER reports_rollup_answered AFTER INSERT ON reports_event
    FOR EACH ROW
    WHEN (NEW.kind = 'confirmed' OR (NEW.kind = 'status_changed' AND NEW.data -> 'from' = '"resolved"'))
    EXECUTE FUNCTION reports_rollup_answered();

INSERT INTO reports_changedday (day, quarter_id)
SELECT DISTINCT noted.day, noted.quarter_id
FROM reports_report AS report, reports_note_days(
    report.quarter_id, ARRAY[report.received_at, report.resolved_at] || reports_answers(report.id)) AS noted;
"""

DROP = """
DROP TRIGGER reports_rollup_answered ON reports_event;
DROP TRIGGER reports_rollup_changed ON reports_report;
DROP TRIGGER reports_rollup_removed ON reports_report;
DROP TRIGGER reports_rollup_added ON reports_report;
DROP FUNCTION reports_rollup_changed();
DROP FUNCTION reports_rollup_removed();
DROP FUNCTION reports_rollup_added();
DROP FUNCTION reports_rollup_answered();
DROP FUNCTION reports_answers(bigint);
DROP FUNCTION reports_note_days(bigint, timestamptz[]);
DROP FUNCTION reports_span(timestamptz, timestamptz, timestamptz);
"""


class Migration(migrations.Migration):
    dependencies = [("reports", "0006_back_office")]

    operations = [migrations.RunSQL(CREATE, DROP)]
