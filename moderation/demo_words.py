"""Ready words that the demonstration town begins with; a real town writes its own."""

from dataclasses import dataclass
from datetime import datetime

from moderation.models import ResponseTemplate
from reports import workflow
from reports.models import Category

Kind = ResponseTemplate.Kind


@dataclass(frozen=True)
class Words:
    """One template: what it serves, and its text in both languages."""

    title: str
    kind: str
    status: str
    french: str
    english: str
    category: str = ""


WORDS = (
    Words(
        "Pris en compte, avec la date",
        Kind.REPLY,
        "",
        "Merci pour votre signalement {ref}. {organisation} s’en occupe, au plus tard le {due}.",
        "Thank you for your report {ref}. {organisation} is taking care of it, by {due} at the latest.",
    ),
    Words(
        "Pièce commandée",
        Kind.REPLY,
        workflow.IN_PROGRESS,
        "La réparation a commencé à {quarter}. Une pièce est commandée ; nous revenons dès qu’elle arrive.",
        "The repair in {quarter} has begun. A part is on order; we come back as soon as it is there.",
    ),
    Words(
        "Où exactement ?",
        Kind.QUESTION,
        "",
        "Où se trouve exactement le problème ? Un repère (commerce, carrefour, portail) nous aide beaucoup.",
        "Where exactly is the problem? A landmark (shop, crossroads, gate) helps us a lot.",
    ),
    Words(
        "Numéro du lampadaire",
        Kind.QUESTION,
        "",
        "Quel numéro lisez-vous sur le lampadaire ? Il est peint à hauteur des yeux.",
        "Which number do you read on the lamp post? It is painted at eye level.",
        category="lamp",
    ),
    Words(
        "Équipe prévue",
        Kind.DECISION,
        workflow.IN_PROGRESS,
        "Une équipe de {organisation} est prévue avant le {due}.",
        "A team of {organisation} is planned before {due}.",
    ),
    Words(
        "Réparé, merci",
        Kind.DECISION,
        workflow.RESOLVED,
        "C’est réparé. Merci d’avoir signalé ce problème ({category}) à {quarter}.",
        "It is repaired. Thank you for reporting this problem ({category}) in {quarter}.",
    ),
    Words(
        "Terrain privé",
        Kind.DECISION,
        workflow.REJECTED,
        "Le problème se trouve sur un terrain privé : seul le propriétaire peut le réparer.",
        "The problem lies on private land: only its owner can repair it.",
    ),
)


def load(*, now: datetime) -> None:
    """Add what is missing; what somebody has changed since stays theirs; see `settings.DEMO_PARTS`."""
    codes = [words.category for words in WORDS if words.category]
    categories = {category.code: category for category in Category.objects.filter(code__in=codes)}
    for position, words in enumerate(WORDS):
        ResponseTemplate.objects.get_or_create(
            title=words.title,
            defaults={
                "kind": words.kind,
                "status": words.status,
                "category": categories.get(words.category),
                "text_fr": words.french,
                "text_en": words.english,
                "position": position,
            },
        )
