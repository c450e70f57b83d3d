"""What the demonstration town promises, when it works, and what follows for each of its reports."""

from datetime import date, datetime, time
from typing import Any

from accounts.models import User
from reports import workflow
from reports.demo.story import REPLY, STATUS_CHANGED, Story
from reports.models import Category, Organisation, Report, ServiceLevel, Town, WorkingHours
from reports.services.deadlines import deadlines_from, promise_for
from reports.services.holidays import add_holidays, known_holidays

COUNTRY = "CM"
WEEKDAYS, SATURDAY, SUNDAY = range(5), 5, 6
STAFF = {workflow.MODERATOR, workflow.OPERATOR, workflow.ADMINISTRATOR}

# Category, organisation, hours until the first answer and the repair, whether only the town's working hours count.
LEVELS: list[tuple[str | None, str | None, int, int, bool]] = [
    ("wire", None, 4, 48, False),
    ("manhole", None, 4, 72, False),
    ("lamp", "eclairage", 16, 64, True),
    ("rubbish", "proprete", 8, 32, True),
    ("leak", "eau", 12, 96, False),
]


def load_promises(*, town: Town, told: User, now: datetime) -> None:
    """Create what is missing: some service levels, the working hours, this year's and the next year's holidays.

    `told` hears of what is late among the dangers.
    """
    for code, slug, answer, repair, is_working in LEVELS:
        counting = ServiceLevel.Counting.WORKING if is_working else ServiceLevel.Counting.CALENDAR
        ServiceLevel.objects.get_or_create(
            category=Category.objects.get(code=code),
            organisation=Organisation.objects.get(slug=slug) if slug else None,
            defaults={
                "answer_hours": answer,
                "repair_hours": repair,
                "counting": counting,
                "escalate_to": None if is_working else told,
            },
        )
    for weekday in WEEKDAYS:
        open_hours(town, weekday, time(7, 30), time(15, 30))
    open_hours(town, SATURDAY, time(8), time(12))
    for year in (now.year - 1, now.year, now.year + 1):
        add_holidays(town=town, days=worth_keeping(known_holidays(country=COUNTRY, year=year)))


def open_hours(town: Town, weekday: int, opens: time, closes: time) -> None:
    """Let the town work at some hours of a weekday."""
    WorkingHours.objects.get_or_create(town=town, weekday=weekday, opens=opens, defaults={"closes": closes})


def worth_keeping(days: dict[date, str]) -> dict[date, str]:
    """Leave out the Sundays: nobody works on them anyway."""
    return {day: name for day, name in days.items() if day.weekday() != SUNDAY}


def clock_of(story: Story, report: Report) -> dict[str, Any]:
    """Return the columns of a report's clock: as the services set them while its story happened."""
    if story.clock_started_at is None:
        return {}
    answers = (
        moment.at
        for moment in story.moments
        if moment.role in STAFF
        and (moment.kind == REPLY or (moment.kind == STATUS_CHANGED and moment.data["to"] != workflow.OPEN))
    )
    columns = deadlines_from(story.clock_started_at, promise_for(report))
    return {**columns, "answered_at": min(answers, default=None)}
