"""The admin's sidebar and first page, for whoever looks at them."""

from collections import Counter
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.db.models import CharField, QuerySet, Value
from django.http import HttpRequest
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from moderation.admin.base import signed_in
from moderation.admin.comments import held
from moderation.admin.flags import waiting as alerts
from moderation.admin.queue import waiting
from moderation.permissions import administers, judges, works_here
from reports import workflow
from reports.models import Report

LIST = reverse_lazy("admin:reports_report_changelist")
COUNTED = 99


def may_judge(request: HttpRequest) -> bool:
    """Whether the queue is shown."""
    return judges(request.user)


def may_work(request: HttpRequest) -> bool:
    """Whether the reports are shown."""
    return works_here(request.user)


def may_administer(request: HttpRequest) -> bool:
    """Whether the catalogue and the people are shown."""
    return administers(request.user)


def up_to(rows: QuerySet[Any], limit: int = COUNTED) -> str:
    """Return how many rows there are, counting no further than a limit: "12", "99+", or nothing for none."""
    found = len(rows.order_by().values_list("pk")[: limit + 1])
    return f"{limit}+" if found > limit else str(found or "")


def badges_of(waiting_rows: dict[str, QuerySet[Any]]) -> dict[str, dict[str, str]]:
    """Return the badge of each entry of the sidebar that has something waiting, all counted by one query."""
    counts = [
        rows.order_by().values_list(Value(name, output_field=CharField()))[: COUNTED + 1]
        for name, rows in waiting_rows.items()
    ]
    found = Counter(name for (name,) in counts[0].union(*counts[1:], all=True))
    return {
        name: {"badge": f"{COUNTED}+" if number > COUNTED else str(number), "badge_variant": "primary"}
        for name, number in found.items()
    }


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the sidebar's groups; what somebody may not open is left out by the theme."""
    person = signed_in(request)
    badges = (
        badges_of({"queue": waiting(person), "comments": held(person), "flags": alerts(person)})
        if may_judge(request)
        else {}
    )
    return [
        {
            "items": [
                {
                    "title": _("À valider"),
                    "icon": "rule",
                    "link": reverse_lazy("admin:reports_report_queue"),
                    "permission": may_judge,
                    **badges.get("queue", {}),
                },
                {
                    "title": _("Commentaires retenus"),
                    "icon": "comment",
                    "link": reverse_lazy("admin:reports_comment_changelist"),
                    "permission": may_judge,
                    **badges.get("comments", {}),
                },
                {
                    "title": _("Alertes"),
                    "icon": "flag",
                    "link": reverse_lazy("admin:moderation_flag_changelist"),
                    "permission": may_judge,
                    **badges.get("flags", {}),
                },
                {
                    "title": _("À réparer"),
                    "icon": "construction",
                    "link": f"{LIST}?status=todo",
                    "active": request.path == str(LIST) and request.GET.get("status") == "todo",
                    "permission": may_work,
                },
                {
                    "title": _("Tous les signalements"),
                    "icon": "list",
                    "link": LIST,
                    "active": request.path == str(LIST) and request.GET.get("status") != "todo",
                    "permission": may_work,
                },
            ],
        },
        {
            "title": _("Catalogue"),
            "separator": True,
            "items": [
                entry(_("Catégories"), "category", "reports_category"),
                entry(_("Organismes"), "apartment", "reports_organisation"),
                entry(_("Règles d’attribution"), "alt_route", "reports_routingrule"),
                entry(_("Villes"), "location_city", "reports_town"),
                entry(_("Quartiers"), "map", "reports_quarter"),
            ],
        },
        {
            "title": _("Personnes"),
            "separator": True,
            "items": [
                entry(_("Personnes"), "group", "accounts_user"),
                entry(_("Responsabilités"), "badge", "accounts_membership"),
                entry(_("Applications"), "apps", "oauth2_provider_application"),
                entry(_("Traces"), "history", "accounts_auditentry"),
                *([entry(_("Envois"), "outgoing_mail", "notifications_delivery")] if sends() else []),
            ],
        },
    ]


def sends() -> bool:
    """Whether this installation tells people of events at all: that app can be left out."""
    return apps.is_installed("notifications")


def entry(title: Any, icon: str, table: str) -> dict[str, Any]:
    """Return an entry that leads to a table that administrators keep."""
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{table}_changelist"),
        "permission": may_administer,
    }


def first_page(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add what waits for this person to the admin's first page; every count is bounded."""
    mine = Report.objects.judged_by(signed_in(request))
    now = timezone.now()
    unresolved = mine.filter(status__in=workflow.UNRESOLVED)
    tiles: list[tuple[Any, QuerySet[Report], Any, str]] = [
        (_("À prendre en charge"), mine.filter(status=workflow.OPEN), f"{LIST}?status=open", "open"),
        (_("En cours"), mine.filter(status=workflow.IN_PROGRESS), f"{LIST}?status=in_progress", "in_progress"),
        (_("En retard"), unresolved.filter(due_at__lt=now), f"{LIST}?age=late", "late"),
        (
            _("Résolus depuis 30 jours"),
            mine.filter(status=workflow.RESOLVED, resolved_at__gte=now - timedelta(days=30)),
            f"{LIST}?status=resolved",
            "resolved",
        ),
    ]
    if may_judge(request):
        tiles.insert(0, (_("À valider"), mine.pending(), reverse_lazy("admin:reports_report_queue"), "pending"))
    return {
        **context,
        "title": _("À faire"),
        "tiles": [
            {"label": label, "count": up_to(rows) or "0", "link": link, "kind": kind}
            for label, rows, link, kind in tiles
        ],
        "oldest": unresolved.with_card().order_by("due_at")[:5],
    }
