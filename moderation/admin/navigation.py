"""The admin's sidebar, for whoever looks at it."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import CharField, QuerySet, Value
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from moderation.admin.appeals import waiting as appeals
from moderation.admin.base import signed_in
from moderation.admin.comments import held
from moderation.admin.flags import waiting as alerts
from moderation.admin.nobody import ownerless
from moderation.admin.queue import waiting
from moderation.admin.tasks import mine
from moderation.permissions import administers, judges, works_here

COUNTED = 99


@dataclass(frozen=True)
class Entry:
    """One line of the sidebar.

    link      an address, or the name of one behind `admin:`
    may       who sees it
    waiting   what waits there for somebody, counted on its badge
    query     the query string that it adds, and by which it knows that it is the page on screen
    """

    title: Any
    icon: str
    name: str
    may: Callable[[HttpRequest], bool]
    waiting: Callable[[User], QuerySet[Any]] | None = None
    query: str = ""

    @property
    def link(self) -> str:
        """Its address."""
        return reverse(f"admin:{self.name}") + (f"?{self.query}" if self.query else "")


def may_judge(request: HttpRequest) -> bool:
    """Whether the queue is shown."""
    return judges(request.user)


def may_work(request: HttpRequest) -> bool:
    """Whether the reports are shown."""
    return works_here(request.user)


def may_administer(request: HttpRequest) -> bool:
    """Whether the catalogue and the people are shown."""
    return administers(request.user)


def may_see_deliveries(request: HttpRequest) -> bool:
    """Whether deliveries are shown: not where the app that sends is left out."""
    return may_administer(request) and apps.is_installed("notifications")


LIST = "reports_report_changelist"
SECTIONS: list[tuple[Any, list[Entry]]] = [
    (
        "",
        [
            Entry(_("À valider"), "rule", "reports_report_queue", may_judge, waiting),
            Entry(_("Commentaires retenus"), "comment", "reports_comment_changelist", may_judge, held),
            Entry(_("Alertes"), "flag", "moderation_flag_changelist", may_judge, alerts),
            Entry(_("Recours"), "balance", "moderation_appeal_changelist", may_judge, appeals),
            Entry(_("Suspensions"), "block", "accounts_ban_changelist", may_judge),
            Entry(_("Photos cachées"), "hide_image", "reports_photo_changelist", may_judge),
            Entry(_("Mes tâches"), "two_wheeler", "reports_report_tasks", may_work, mine),
            Entry(_("Sans responsable"), "person_off", "reports_report_nobody", may_judge, ownerless),
            Entry(_("À réparer"), "construction", LIST, may_work, query="status=todo"),
            Entry(_("Tous les signalements"), "list", LIST, may_work),
            Entry(_("Mes listes exportées"), "download", "moderation_listexport_changelist", may_work),
            Entry(_("Essayer le filtrage"), "science", "moderation_blockedterm_try", may_judge),
        ],
    ),
    (
        _("Catalogue"),
        [
            Entry(_("Catégories"), "category", "reports_category_changelist", may_administer),
            Entry(_("Organismes"), "apartment", "reports_organisation_changelist", may_administer),
            Entry(_("Règles d’attribution"), "alt_route", "reports_routingrule_changelist", may_administer),
            Entry(_("Modèles de réponse"), "quick_phrases", "moderation_responsetemplate_changelist", may_administer),
            Entry(_("Termes bloqués"), "block", "moderation_blockedterm_changelist", may_administer),
            Entry(_("Règles d’ouverture"), "event_available", "moderation_openingrule_changelist", may_administer),
            Entry(_("Délais"), "timer", "reports_servicelevel_changelist", may_administer),
            Entry(_("Heures ouvrées"), "schedule", "reports_workinghours_changelist", may_administer),
            Entry(_("Jours fériés"), "event_busy", "reports_holiday_changelist", may_administer),
            Entry(_("Villes"), "location_city", "reports_town_changelist", may_administer),
            Entry(_("Quartiers"), "map", "reports_quarter_changelist", may_administer),
        ],
    ),
    (
        _("Personnes"),
        [
            Entry(_("Personnes"), "group", "accounts_user_changelist", may_administer),
            Entry(_("Responsabilités"), "badge", "accounts_membership_changelist", may_administer),
            Entry(_("Applications"), "apps", "oauth2_provider_application_changelist", may_administer),
            Entry(_("Traces"), "history", "accounts_auditentry_changelist", may_administer),
            Entry(_("Envois"), "outgoing_mail", "notifications_delivery_changelist", may_see_deliveries),
        ],
    ),
]


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the sidebar's groups with what this person may open; badges cost one query together."""
    person = signed_in(request)
    sections = [(title, [entry for entry in entries if entry.may(request)]) for title, entries in SECTIONS]
    badges = badges_of(
        {entry.name: entry.waiting(person) for _title, entries in sections for entry in entries if entry.waiting}
    )
    return [
        {"title": title, "separator": bool(title), "items": [item(entry, request, badges) for entry in entries]}
        for title, entries in sections
        if entries
    ]


def item(entry: Entry, request: HttpRequest, badges: dict[str, dict[str, str]]) -> dict[str, Any]:
    """Return an entry as the theme draws it."""
    drawn = {"title": entry.title, "icon": entry.icon, "link": entry.link, **badges.get(entry.name, {})}
    twins = [other for _title, entries in SECTIONS for other in entries if other.name == entry.name and other.query]
    if twins:
        # Two entries of one page: the theme compares paths only.
        asked = request.GET.urlencode()
        shown = next((twin for twin in twins if twin.query in asked), None)
        here = request.path == reverse(f"admin:{entry.name}")
        drawn["active"] = here and (shown is entry if entry.query else shown is None)
    return drawn


def badges_of(waiting_rows: dict[str, QuerySet[Any]]) -> dict[str, dict[str, str]]:
    """Return the badge of each entry that has something waiting, all counted by one query."""
    counts = [
        rows.order_by().values_list(Value(name, output_field=CharField()))[: COUNTED + 1]
        for name, rows in waiting_rows.items()
    ]
    if not counts:
        return {}
    found = Counter(name for (name,) in counts[0].union(*counts[1:], all=True))
    return {
        name: {"badge": f"{COUNTED}+" if number > COUNTED else str(number), "badge_variant": "primary"}
        for name, number in found.items()
    }
