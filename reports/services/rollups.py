"""Counting anew what has changed since the last time: the one writer of the rollups."""

from datetime import date

from django.db import connection, transaction

# Two beats at once must not count the same days; the second one leaves it for the next minute.
ROLLUP_LOCK = 7_201_003
# Days of quarters in one transaction, and transactions in one run: a first run over years goes on a minute later.
BATCH = 2000
BATCHES = 25

TAKE = """
DELETE FROM reports_changedday WHERE id IN (SELECT id FROM reports_changedday ORDER BY day LIMIT %s)
RETURNING day, quarter_id
"""
FORGET = """
DELETE FROM reports_rollup AS old USING unnest(%s::text[], %s::date[], %s::bigint[]) AS asked (period, start, quarter)
WHERE (old.period, old.start, old.quarter_id) = (asked.period, asked.start, asked.quarter)
"""
# The town's day may begin at any hour of ours. OFFSET 0 keeps PostgreSQL from joining by quarter first, which reads
# every report of it: each asked period is one range of an index.
COUNT = """
INSERT INTO reports_rollup (period, start, quarter_id, category_id, organisation_id,
    received, published, rejected, duplicates, resolved, in_time, confirmed, disputed, spans)
WITH asked AS (
    SELECT asked.period, asked.start, place.id AS quarter_id,
        asked.start::timestamp AT TIME ZONE town.time_zone AS opens,
        (asked.start + CASE asked.period WHEN 'day' THEN interval '1 day' ELSE interval '1 month' END)
            AT TIME ZONE town.time_zone AS closes
    FROM unnest(%s::text[], %s::date[], %s::bigint[]) AS asked (period, start, quarter)
    JOIN reports_quarter AS place ON place.id = asked.quarter
    JOIN reports_town AS town ON town.id = place.town_id
), facts AS (
    SELECT asked.period, asked.start, asked.quarter_id, report.category_id, report.organisation_id,
        1 AS received, (report.status IN ('open', 'in_progress', 'resolved'))::int AS published,
        (report.status = 'rejected')::int AS rejected, (report.status = 'duplicate')::int AS duplicates,
        0 AS resolved, 0 AS in_time, 0 AS confirmed, 0 AS disputed, NULL::int AS span
    FROM asked CROSS JOIN LATERAL (
        SELECT * FROM reports_report WHERE quarter_id = asked.quarter_id
            AND received_at >= asked.opens AND received_at < asked.closes OFFSET 0
    ) AS report
    UNION ALL
    SELECT asked.period, asked.start, asked.quarter_id, report.category_id, report.organisation_id,
        0, 0, 0, 0, 1, (report.resolved_at <= report.due_at)::int, 0, 0,
        reports_span(report.received_at, report.published_at, report.resolved_at)
    FROM asked CROSS JOIN LATERAL (
        SELECT * FROM reports_report WHERE quarter_id = asked.quarter_id AND status = 'resolved'
            AND resolved_at >= asked.opens AND resolved_at < asked.closes OFFSET 0
    ) AS report
    UNION ALL
    SELECT asked.period, asked.start, asked.quarter_id, report.category_id, report.organisation_id,
        0, 0, 0, 0, 0, 0, (answer.kind = 'confirmed')::int, (answer.kind = 'status_changed')::int, NULL
    FROM asked CROSS JOIN LATERAL (
        SELECT * FROM reports_event WHERE at >= asked.opens AND at < asked.closes
            AND (kind = 'confirmed' OR (kind = 'status_changed' AND data -> 'from' = '"resolved"')) OFFSET 0
    ) AS answer
    JOIN reports_report AS report ON report.id = answer.report_id AND report.quarter_id = asked.quarter_id
    -- Whoever reopens a report otherwise than as its author says nothing about the author's satisfaction.
    WHERE answer.kind = 'confirmed' OR answer.actor_role = 'reporter' OR answer.actor_id = report.reporter_id
), by_span AS (
    SELECT period, start, quarter_id, CASE period WHEN 'month' THEN category_id END AS category_id, organisation_id,
        span, sum(received) AS received, sum(published) AS published, sum(rejected) AS rejected,
        sum(duplicates) AS duplicates, sum(resolved) AS resolved, sum(in_time) AS in_time,
        sum(confirmed) AS confirmed, sum(disputed) AS disputed
    FROM facts GROUP BY 1, 2, 3, 4, 5, 6
)
SELECT period, start, quarter_id, category_id, organisation_id, sum(received), sum(published), sum(rejected),
    sum(duplicates), sum(resolved), coalesce(sum(in_time), 0), sum(confirmed), sum(disputed),
    coalesce(jsonb_object_agg(span, resolved) FILTER (WHERE span IS NOT NULL), '{}')
FROM by_span GROUP BY 1, 2, 3, 4, 5
"""

CLEAR_BACKLOG = "DELETE FROM reports_backlog"
COUNT_BACKLOG = """
INSERT INTO reports_backlog (quarter_id, category_id, organisation_id, open, in_progress, late, ages)
WITH by_age AS (
    SELECT report.quarter_id, report.category_id, report.organisation_id,
        reports_span(report.received_at, report.published_at, now()) AS age, count(*) AS waiting,
        count(*) FILTER (WHERE report.status = 'open') AS open,
        count(*) FILTER (WHERE report.status = 'in_progress') AS in_progress,
        -- While its author is asked something no time passes.
        count(*) FILTER (WHERE report.due_at < least(now(), report.clock_stopped_at)) AS late
    FROM reports_report AS report
    WHERE report.status IN ('open', 'in_progress')
    GROUP BY 1, 2, 3, 4
)
SELECT quarter_id, category_id, organisation_id, sum(open), sum(in_progress), sum(late),
    jsonb_object_agg(age, waiting)
FROM by_age GROUP BY 1, 2, 3
"""


def recompute() -> int:
    """Count every changed day and its month anew, then what is not repaired; return how many days there were.

    At most BATCH × BATCHES days; what is left is taken the next time.
    """
    days = 0
    for _unused in range(BATCHES):
        taken = count_changed_days()
        days += taken
        if taken < BATCH:
            break
    count_backlog()
    return days


@transaction.atomic
def count_changed_days() -> int:
    """Take one batch of changed days and count these and their months anew; return how many were taken.

    Whoever changes a report meanwhile commits a row that this transaction does not take, and the next one does.
    """
    if not locked():
        return 0
    with connection.cursor() as cursor:
        cursor.execute(TAKE, [BATCH])
        taken: list[tuple[date, int]] = cursor.fetchall()
        wanted = {("day", day, quarter) for day, quarter in taken}
        wanted |= {("month", day.replace(day=1), quarter) for day, quarter in taken}
        if wanted:
            columns = [list(column) for column in zip(*sorted(wanted), strict=True)]
            cursor.execute(FORGET, columns)
            cursor.execute(COUNT, columns)
    return len(taken)


@transaction.atomic
def count_backlog() -> None:
    """Count what is open now; lateness comes with time alone, without any change of a report."""
    if not locked():
        return
    with connection.cursor() as cursor:
        cursor.execute(CLEAR_BACKLOG)
        cursor.execute(COUNT_BACKLOG)


def locked() -> bool:
    """Take the lock until the transaction ends, and allow it as long as a first run needs; False if another has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [ROLLUP_LOCK])
        (is_ours,) = cursor.fetchone()
        if is_ours:
            cursor.execute("SET LOCAL statement_timeout = '5min'")
    return bool(is_ours)
