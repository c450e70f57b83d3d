"""What a mail about an event says; words are looked up in the active language."""

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from notifications.errors import NoLongerWanted, Reason
from notifications.models import Delivery
from notifications.targets import Target
from reports import workflow
from reports.models import Comment, Event, Merge, Report

# As much of somebody's words as a mail shows.
MOST_WORDS = 1000

# What happened: the subject, and the sentence that the mail begins with.
PROGRESS: dict[str, tuple[Promise, Promise]] = {
    "published": (
        _("%(ref)s : votre signalement est publié"),
        _("Votre signalement a été vérifié et paraît maintenant sur la carte. Merci de prendre soin du quartier."),
    ),
    "assigned": (
        _("%(ref)s : pris en charge par %(organisation)s"),
        _("Le signalement que vous suivez est maintenant pris en charge par %(organisation)s."),
    ),
    "in_progress": (
        _("%(ref)s : la réparation est en cours"),
        _("Bonne nouvelle : la réparation du problème que vous suivez a commencé."),
    ),
    "waiting": (
        _("%(ref)s : la réparation attend de nouveau"),
        _("La réparation du problème que vous suivez est interrompue : il attend de nouveau d’être pris en charge."),
    ),
    "resolved": (
        _("%(ref)s : le problème est résolu"),
        _("Bonne nouvelle : le problème que vous suivez est indiqué comme résolu."),
    ),
    "reopened": (
        _("%(ref)s : le signalement est rouvert"),
        _("Le problème n’était pas réglé : le signalement que vous suivez est rouvert."),
    ),
    "restored": (
        _("%(ref)s : le signalement paraît de nouveau"),
        _("Le signalement que vous suivez a été réexaminé et paraît de nouveau sur la carte."),
    ),
    "rejected": (
        _("%(ref)s : le signalement n’est pas retenu"),
        _("Le signalement que vous suivez n’a pas été retenu. Voici pourquoi :"),
    ),
    "withdrawn": (
        _("%(ref)s : le signalement est retiré"),
        _("L’auteur du signalement que vous suivez l’a retiré : il ne sera plus traité."),
    ),
    "reply": (
        _("%(ref)s : une réponse"),
        _("Une réponse a été donnée au signalement que vous suivez :"),
    ),
    "confirmed": (
        _("%(ref)s : la réparation est confirmée"),
        _("L’auteur du signalement que vous suivez confirme que le problème est vraiment réglé."),
    ),
    "undone": (
        _("%(ref)s : la décision est annulée"),
        _(
            "Une décision vous a été annoncée par erreur au sujet du signalement que vous suivez. "
            "Il est examiné de nouveau, et vous saurez ce qu’il en est."
        ),
    ),
    "split": (
        _("%(ref)s : votre signalement décrit deux problèmes"),
        _(
            "Pour que chacun soit réparé par qui de droit, le second problème a maintenant son propre signalement, "
            "%(part)s. Vous suivez les deux."
        ),
    ),
    "merged": (
        _("%(duplicate)s rejoint le signalement %(ref)s"),
        _(
            "Le signalement %(duplicate)s décrit le même problème que le signalement %(ref)s. "
            "Les soutiens sont réunis, et vous suivez maintenant %(ref)s."
        ),
    ),
    "rejoined": (
        _("%(duplicate)s rejoint le signalement %(ref)s"),
        _(
            "Le signalement %(former)s, auquel %(duplicate)s était réuni, a été retiré par son auteur. "
            "%(duplicate)s est maintenant suivi avec %(ref)s, qui décrit le même problème : "
            "les soutiens sont réunis, et vous suivez %(ref)s."
        ),
    ),
    "unmerged": (
        _("%(ref)s : un signalement à part"),
        _(
            "Le signalement %(ref)s avait été réuni à %(original)s, mais il décrit un autre problème : "
            "il est suivi à part, et vous le suivez de nouveau."
        ),
    ),
    "succeeded": (
        _("%(ref)s prend la place de %(original)s"),
        _(
            "Le signalement %(original)s, auquel %(ref)s était réuni, a été retiré par son auteur : "
            "%(ref)s prend sa place, et vous le suivez de nouveau."
        ),
    ),
}

OPENED_AFTER = {
    workflow.PENDING: "published",
    workflow.IN_PROGRESS: "waiting",
    workflow.RESOLVED: "reopened",
}
BY_KIND = {
    Event.Kind.ASSIGNED: "assigned",
    Event.Kind.REPLY: "reply",
    Event.Kind.CONFIRMED: "confirmed",
    Event.Kind.MERGED: "merged",
    Event.Kind.UNMERGED: "unmerged",
    Event.Kind.SPLIT: "split",
    Event.Kind.UNDONE: "undone",
}


def what_happened(event: Event) -> str:
    """Return which of `PROGRESS` an event is."""
    if event.kind == Event.Kind.UNMERGED and event.private_data.get("withdrawn"):
        return "succeeded"
    if event.kind == Event.Kind.MERGED and event.private_data.get("former"):
        return "rejoined"
    if event.kind != Event.Kind.STATUS_CHANGED:
        return BY_KIND[Event.Kind(event.kind)]
    to = str(event.data["to"])
    if event.data.get("held_from") and to in workflow.PUBLIC:
        return "restored"
    return OPENED_AFTER.get(event.data["from"], "restored") if to == workflow.OPEN else to


def event_of(delivery: Delivery) -> Event:
    """Return the event that a delivery is about.

    Raises:
        NoLongerWanted: it is about none.
    """
    if delivery.event is None:
        raise NoLongerWanted(Reason.HIDDEN)
    return delivery.event


def page_of(report: Report, target: Target) -> str:
    """Return the address that the button opens: the follower's own page, or the report's for followers of an area."""
    follow = target.follow
    own = reverse("follow", args=[follow.token]) if follow and follow.report_id else report.get_absolute_url()
    return f"{settings.PUBLIC_URL}{own}"


def is_authors(target: Target) -> bool:
    """Say whether a mail goes to whoever sent the report."""
    return target.follow is not None and target.follow.is_reporter


def progress(delivery: Delivery, target: Target) -> dict[str, Any]:
    """Say how a followed report got on; its author is asked whether the repair is real.

    Raises:
        NoLongerWanted: it was undone before anybody heard of it.
    """
    event = event_of(delivery)
    if event.pk and Merge.objects.filter(event=event, undone_at__isnull=False).exists():
        raise NoLongerWanted(Reason.NOTHING_LEFT)
    what = what_happened(event)
    facts = {
        "ref": event.report.ref,
        "organisation": event.data.get("organisation", ""),
        "duplicate": event.private_data.get("duplicate", ""),
        "original": event.private_data.get("original", ""),
        "former": event.private_data.get("former", ""),
        "part": event.data.get("part", ""),
    }
    subject, sentence = PROGRESS[what]
    page = page_of(event.report, target)
    is_asked = (
        what == "resolved"
        and is_authors(target)
        and event.report.status == workflow.RESOLVED
        and event.report.confirmed_at is None
    )
    return {
        "subject": subject % facts,
        "sentence": sentence % facts,
        "words": str(event.data.get("note") or event.data.get("text") or "")[:MOST_WORDS],
        "page": page,
        # Opening a link changes nothing: the page asks once more, by a form.
        "yes": f"{page}?regle=oui#regle" if is_asked else "",
        "no": f"{page}?regle=non#regle" if is_asked else "",
        "contest": f"{page}motifs/" if what == "rejected" and is_authors(target) else "",
    }


def comment(delivery: Delivery, target: Target) -> dict[str, Any]:
    """Show a comment, provided that everybody still reads it.

    Raises:
        NoLongerWanted: it was deleted or taken away.
    """
    event = event_of(delivery)
    row = Comment.objects.visible().filter(pk=event.data.get("comment")).first()
    if row is None or not event.report.is_public:
        raise NoLongerWanted(Reason.HIDDEN)
    return {
        "name": row.organisation.name if row.organisation else row.public_name,
        "words": row.text[:MOST_WORDS],
        "page": page_of(event.report, target),
    }


def area(delivery: Delivery, target: Target) -> dict[str, Any]:
    """Show what is new near somebody.

    Raises:
        NoLongerWanted: it is not shown any more.
    """
    event = event_of(delivery)
    if not event.report.is_public:
        raise NoLongerWanted(Reason.HIDDEN)
    return {"words": event.report.description[:MOST_WORDS], "page": page_of(event.report, target)}


def work(delivery: Delivery, _target: Target) -> dict[str, Any]:
    """Show an organisation what it is asked to repair."""
    event = event_of(delivery)
    page = f"{settings.PUBLIC_URL}{reverse('admin:reports_report_change', args=[event.report_id])}"
    words = event.data.get("note") or event.report.description
    return {"organisation": event.report.organisation, "words": str(words)[:MOST_WORDS], "page": page}


def told(delivery: Delivery, _target: Target) -> dict[str, Any]:
    """Show what another app asked to tell (`settings.TELL`): what the frame of a mail needs is in its `data`.

    `ref` and `title` of a report · `page`, the path that the button opens · `until`, a moment as ISO 8601; each if any.
    """
    data = delivery.data
    return {
        "report": data if "ref" in data else None,
        **({"page": f"{settings.PUBLIC_URL}{data['page']}"} if "page" in data else {}),
        **({"until": parse_datetime(data["until"])} if "until" in data else {}),
    }
