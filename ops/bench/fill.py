"""Fills a database with invented reports; run as `python -m ops.bench.fill COUNT` with a portal's environment.

The database invents them itself, in portions: sent over one by one, a million takes an hour. The demonstration town
must be there: its quarters, categories, organisations and pictures are what the reports are about.
"""

import contextlib
import sys
import time
from collections.abc import Iterator

import django
from django.conf import settings
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils.module_loading import import_string

PORTION = 250_000
# Odd and not divisible by three, so that multiplying by it shuffles the numbers below 24⁶ without a collision.
STRIDE = 100_000_007
SEED = 0.42

# Quarters are as busy as chance has it. A report lies on the way from its quarter's busiest spot to a place drawn
# anywhere in the quarter: denser around the spot, and never outside, because the demonstration's quarters are convex.
PREPARE = """
CREATE TEMPORARY TABLE bench_place AS
SELECT row_number() OVER () - 1 AS number, quarter_id, ST_X(spot) AS spot_x, ST_Y(spot) AS spot_y,
    ST_X(place) AS x, ST_Y(place) AS y
FROM (
    SELECT id AS quarter_id, ST_PointOnSurface(boundary) AS spot,
        (ST_Dump(ST_GeneratePoints(boundary, 100 + (2000 * random() ^ 2)::int, 1 + id::int))).geom AS place
    FROM reports_quarter
) AS drawn;
CREATE TEMPORARY TABLE bench_picture AS
SELECT row_number() OVER () - 1 AS number, key, width, height, sizes FROM reports_photo WHERE kind = 'problem';
CREATE TEMPORARY TABLE bench_sentence AS
SELECT row_number() OVER () - 1 AS number, description FROM (SELECT DISTINCT description FROM reports_report) AS known;
CREATE TEMPORARY TABLE bench_choice AS
SELECT
    ARRAY(SELECT id FROM reports_category ORDER BY position, code) AS categories,
    ARRAY(SELECT id FROM reports_organisation ORDER BY id) AS organisations,
    (SELECT count(*) FROM bench_place) AS places,
    (SELECT count(*) FROM bench_sentence) AS sentences,
    (SELECT count(*) FROM bench_picture) AS pictures;
ANALYZE bench_place, bench_picture, bench_sentence, bench_choice;
"""

REPORTS = """
WITH chance AS MATERIALIZED (
    SELECT number, number * %(stride)s %% 191102976 AS code, random() AS category, random() AS status,
        random() AS place, random() AS pull, random() AS age, random() AS patience, random() AS words, random() AS votes
    FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS number
), drawn AS MATERIALIZED (
    SELECT chance.*, string_to_array(%(alphabet)s, NULL) AS letter,
        known.categories[1 + floor(cardinality(categories) * category ^ 1.5)::int] AS category_id,
        known.organisations[1 + number %% cardinality(organisations)] AS organisation_id,
        CASE WHEN status < 0.62 THEN 'resolved' WHEN status < 0.84 THEN 'open' WHEN status < 0.93 THEN 'in_progress'
            WHEN status < 0.94 THEN 'pending' ELSE 'rejected' END AS state,
        now() - interval '3 years' * age ^ 1.3 AS received,
        floor(places * place)::bigint AS place_number, floor(sentences * words)::bigint AS sentence_number
    FROM chance, bench_choice AS known
), made AS (
    INSERT INTO reports_report (ref, category_id, organisation_id, quarter_id, point, description, address, status,
        public_name, contact_email, contact_phone, priority, votes, comments, rejection_reason, source, language,
        body_digest, findings, held_from, device, received_at, published_at, clock_started_at, answer_due_at,
        due_soon_at, due_at, very_late_at, updated_at, resolved_at)
    SELECT
        letter[1 + code / 7962624 %% 24] || letter[1 + code / 331776 %% 24] || letter[1 + code / 13824 %% 24] || '-'
            || letter[1 + code / 576 %% 24] || letter[1 + code / 24 %% 24] || letter[1 + code %% 24],
        category_id, CASE WHEN state NOT IN ('pending', 'rejected') THEN organisation_id END, quarter_id,
        ST_SetSRID(ST_MakePoint(spot_x + (x - spot_x) * sqrt(pull), spot_y + (y - spot_y) * sqrt(pull)), 4326),
        description, 'Rue ' || (1 + floor(900 * words))::text, state,
        '', '', '', 0, floor(40 * votes ^ 6)::int, 0, CASE state WHEN 'rejected' THEN 'Hors sujet' ELSE '' END,
        'import', 'fr', '', '[]', '', '',
        received, public_since, public_since, public_since + interval '3 days', public_since + interval '24 days',
        public_since + interval '30 days', public_since + interval '90 days',
        least(now(), received + interval '40 days' * patience),
        CASE state WHEN 'resolved' THEN least(now(), received + interval '40 days' * patience) END
    FROM drawn
    CROSS JOIN LATERAL (
        SELECT CASE WHEN state <> 'pending' THEN received + interval '3 hours' END
    ) AS clock (public_since)
    JOIN bench_place ON bench_place.number = place_number
    JOIN bench_sentence ON bench_sentence.number = sentence_number
    ON CONFLICT (ref) DO NOTHING
    RETURNING id, status, category_id, point, votes, received_at, updated_at
), told AS (
    INSERT INTO reports_event (kind, report_id, actor_role, actor_name, is_public, data, private_data, at)
    SELECT kind, made.id, role, '', status NOT IN ('pending', 'rejected'),
        jsonb_build_object('status', status, 'location', jsonb_build_array(ST_X(point), ST_Y(point)),
            'category', category.code, 'votes', votes) || change, '{}', moment
    FROM made JOIN reports_category AS category ON category.id = category_id, LATERAL (VALUES
        ('created', 'reporter', received_at, '{}'::jsonb),
        ('status_changed', 'operator', updated_at, '{"from": "open", "to": "resolved"}'::jsonb)
    ) AS happened (kind, role, moment, change)
    WHERE kind = 'created' OR status = 'resolved'
), pictured AS (
    INSERT INTO reports_photo (report_id, key, kind, status, original, width, height, sizes, sha256, phash, rotation,
        masks, revision, position, created_at)
    SELECT made.id, picture.key, 'problem', 'ready', '', picture.width, picture.height, picture.sizes, '', '', 0,
        '[]', 0, 0, received_at
    FROM made JOIN bench_picture AS picture ON picture.number = made.id %% (SELECT 2 * pictures FROM bench_choice)
)
SELECT count(*) FROM made
"""


FILLED = ["reports_report", "reports_event", "reports_photo"]
# To check a million references and sort them into a dozen indexes one by one takes longer than all at once at the end.
SET_ASIDE = """
SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
    format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname, pg_get_constraintdef(oid))
FROM pg_constraint WHERE contype = 'f' AND conrelid::regclass::text = ANY(%(tables)s)
UNION ALL
SELECT format('DROP INDEX %%I', indexname), indexdef FROM pg_indexes
WHERE tablename = ANY(%(tables)s) AND NOT EXISTS (SELECT FROM pg_constraint WHERE conname = indexname)
"""


def main(count: int) -> None:
    """Add `count` reports with their events and photos, and leave the database as it is after a quiet night."""
    django.setup()
    alphabet = import_string("reports.models.report.REF_ALPHABET")
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0; SET synchronous_commit = off")
        cursor.execute("SET work_mem = '64MB'; SET maintenance_work_mem = '256MB'")
        cursor.execute("SELECT setseed(%s)", [SEED])
        cursor.execute(PREPARE)
        with transaction.atomic(), set_aside(cursor):
            for first in range(1, count + 1, PORTION):
                last = min(count, first + PORTION - 1)
                with timed(f"{last:,} of {count:,} reports"):
                    values = {"first": first, "last": last, "stride": STRIDE, "alphabet": alphabet}
                    cursor.execute(REPORTS, values)
        with timed("counts of the map merged"):
            merge_counts(cursor)
        with timed("tables vacuumed"):
            cursor.execute(f"VACUUM ANALYZE {', '.join([*FILLED, 'reports_mapcell'])}")


@contextlib.contextmanager
def timed(what: str) -> Iterator[None]:
    """Say in one line that a step is done, and how long it took."""
    started = time.monotonic()
    yield
    print(f"  {what} ({time.monotonic() - started:.0f} s)", flush=True)


@contextlib.contextmanager
def set_aside(cursor: CursorWrapper) -> Iterator[None]:
    """Take foreign keys and indexes away for the length of the block, and make them again as they were."""
    cursor.execute(SET_ASIDE, {"tables": FILLED})
    taken: list[tuple[str, str]] = cursor.fetchall()
    for drop, _make in taken:
        cursor.execute(drop)
    yield
    with timed("indexes and references made again"):
        for _drop, make in reversed(taken):
            cursor.execute(make)


def merge_counts(cursor: CursorWrapper) -> None:
    """Do what beat does once a minute, until nothing is left to do."""
    merge = import_string(str(settings.CELERY_BEAT_SCHEDULE["compact map cells"]["task"]))
    while True:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM reports_mapcell GROUP BY level, x, y, category_id, status HAVING count(*) > 1)"
        )
        if cursor.fetchone() == (False,):
            return
        merge()


if __name__ == "__main__":
    main(int(sys.argv[1]))
