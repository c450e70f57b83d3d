"""The admin's first page: what waits for whoever looks, what is late, and how the work goes.

What waits is read from the reports as they are now, and counted no further than 99; how the work goes comes from the
rollups. Both are narrowed to what the person may see.
"""

from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet, Sum
from django.db.models.functions import TruncWeek
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from moderation.admin.base import signed_in
from moderation.admin.navigation import LIST, SECTIONS, badges_of
from reports import workflow
from reports.charts import Columns
from reports.models import Backlog, Report, Rollup
from reports.models.rollup import RollupQuerySet
from reports.services.bilan import DEFAULT_SPAN, ENOUGH, first_month, summary
from reports.views.bilan import span_asked
from reports.views.bilan_tables import headline, span_options, tables, trend

WEEKS = 13
FIRST = 5
LATELY = timedelta(days=30)
QUEUE = "reports_report_queue"
# The kind of a tile that is there only while something waits behind it.
WAITS = "waiting"

Context = dict[str, Any]


def first_page(request: HttpRequest, context: Context) -> Context:
    """Add what the first page shows to this person: `?months=1|3|12` whole months before this one for the figures."""
    person = signed_in(request)
    span = span_asked(request.GET.get("months", ""), DEFAULT_SPAN)
    unresolved = Report.objects.judged_by(person).filter(status__in=workflow.UNRESOLVED)
    happened = Rollup.objects.seen_by(person)
    found = summary(first_month(span), happened, Backlog.objects.seen_by(person))
    weeks = weeks_of(happened)
    return {
        **context,
        "title": _("À faire"),
        "tiles": tiles(request, person),
        "oldest": unresolved.with_card().order_by("due_at")[:FIRST],
        "spans": span_options(span, reverse("admin:index")),
        "summary": found,
        "shown_figures": headline(found.total),
        "trend": week_trend(weeks),
        "week_columns": [_("Semaine du"), _("Publiés"), _("Réparés")],
        "week_rows": [[day_name(week), *numbers] for week, numbers in sorted(weeks.items(), reverse=True)],
        "tables": tables(found),
        "enough": ENOUGH,
    }


def tiles(request: HttpRequest, person: User) -> list[Context]:
    """Return what waits for somebody, each with its address; all of it is counted by one query.

    The queue and the states of repair are always shown, the rest of the sidebar only where something waits.
    """
    mine = Report.objects.judged_by(person)
    now = timezone.now()
    every = reverse(f"admin:{LIST}")
    repaired = mine.filter(status=workflow.RESOLVED, resolved_at__gte=now - LATELY)
    states: list[tuple[str, str, QuerySet[Any], str]] = [
        ("open", _("À prendre en charge"), mine.filter(status=workflow.OPEN), f"{every}?status=open"),
        ("in_progress", _("En cours"), mine.filter(status=workflow.IN_PROGRESS), f"{every}?status=in_progress"),
        ("late", _("En retard"), mine.late(now), f"{every}?timing=late"),
        ("resolved", _("Résolus depuis 30 jours"), repaired, f"{every}?age=repaired"),
    ]
    entries = [entry for _title, section in SECTIONS for entry in section if entry.waiting and entry.may(request)]
    waiting = [
        ("pending" if entry.name == QUEUE else WAITS, str(entry.title), entry.waiting(person), entry.link)
        for entry in entries
        if entry.waiting
    ]
    counts = badges_of({link: rows for _kind, _label, rows, link in waiting + states})
    return [
        {"label": label, "count": counts[link]["badge"] if link in counts else "0", "link": link, "kind": kind}
        for kind, label, _rows, link in waiting + states
        if link in counts or kind != WAITS
    ]


def weeks_of(happened: RollupQuerySet) -> dict[date, list[int]]:
    """Return arrivals and repairs of the last weeks, by their Monday, this one included."""
    monday = timezone.localdate() - timedelta(days=timezone.localdate().weekday())
    weeks = {monday - timedelta(weeks=ago): [0, 0] for ago in reversed(range(WEEKS))}
    sums = (
        happened.by_day(min(weeks))
        .annotate(week=TruncWeek("start"))
        .values("week")
        .annotate(arrived=Sum("published"), repaired=Sum("resolved"))
        .order_by("week")
    )
    return weeks | {row["week"]: [row["arrived"], row["repaired"]] for row in sums}


def day_name(day: date) -> str:
    """Return a day with its month."""
    return date_format(day, "MONTH_DAY_FORMAT")


def week_trend(weeks: dict[date, list[int]]) -> Columns:
    """Return the chart of arrivals and repairs, week by week."""
    return trend(
        [
            (date_format(week, "j/n"), _("Semaine du %(day)s") % {"day": day_name(week)}, arrived, repaired)
            for week, (arrived, repaired) in sorted(weeks.items())
        ]
    )
