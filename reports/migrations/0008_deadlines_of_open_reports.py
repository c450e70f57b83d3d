"""Starts the clock of the reports that are open already: what was promised stays, the other deadlines follow from it.

Nobody has told service levels yet, so the category's own days count, by the calendar. Who was answered is in the log.
"""

from django.db import migrations

FILL = """
WITH clock AS (
    SELECT report.id, coalesce(report.due_at - category.repair_days * interval '1 day', report.published_at) AS start,
        category.response_days * interval '1 day' AS answer, category.repair_days * interval '1 day' AS repair
    FROM reports_report AS report JOIN reports_category AS category ON category.id = report.category_id
    WHERE report.status IN ('open', 'in_progress')
)
UPDATE reports_report AS report SET
    clock_started_at = start,
    answer_due_at = start + answer,
    due_soon_at = start + 0.8 * repair,
    due_at = start + repair,
    very_late_at = start + 3 * repair
FROM clock WHERE clock.id = report.id;

UPDATE reports_report AS report SET answered_at = coalesce(
    (
        SELECT min(at) FROM reports_event AS event
        WHERE event.report_id = report.id AND actor_role IN ('operator', 'moderator', 'administrator')
            AND (kind = 'reply' OR kind = 'status_changed' AND data->>'to' <> 'open')
    ),
    CASE status WHEN 'resolved' THEN resolved_at WHEN 'in_progress' THEN updated_at END
)
WHERE status IN ('open', 'in_progress', 'resolved');
"""


class Migration(migrations.Migration):
    dependencies = [("reports", "0007_rollup_triggers")]

    # Backwards there is nothing to do: the migration before takes the columns away.
    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
