"""Which reports one report may repeat: found around it, weighed by `reports.likeness`, with the reasons in words."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from django.contrib.gis.db.models.functions import Distance
from django.contrib.postgres.fields import ArrayField
from django.db.models import F, FloatField, Func, Q, TextField, Value
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from accounts.models import User
from reports import workflow
from reports.likeness import REACH, SHOWN, Likeness, Reason, Traits, closest, likeness, overlap, same_house
from reports.models import Report
from reports.querysets import WORDS, ReportQuerySet

# The nearest ones are weighed; of them, the likeliest are shown.
WEIGHED = 40
MOST = 6
DAY = timedelta(days=1)
KILOMETRE = 1000
NOBODYS = _("%(ref)s n’est confié à aucun service.")


class Stems(Func):
    """The stems of a text's words, accents removed."""

    template = f"tsvector_to_array(to_tsvector('{WORDS}', %(expressions)s))"
    output_field = ArrayField(TextField())


class AlikeTo(Func):
    """How many trigrams a text shares with another, 0 to 1, accents removed."""

    template = "similarity(unaccent(%(expressions)s))"
    arg_joiner = "), unaccent("
    output_field = FloatField()


@dataclass(frozen=True)
class Candidate:
    """A report that another one may repeat, how far away it is, and how alike the two are."""

    report: Report
    metres: float
    likeness: Likeness

    @property
    def score(self) -> int:
        """How likely it is that both are about the same thing, 0 to 100."""
        return self.likeness.score

    @property
    def is_likely(self) -> bool:
        """Whether it is likely enough to say so."""
        return self.likeness.is_likely

    @property
    def reasons(self) -> list[dict[str, Any]]:
        """Why, the weightiest first: `[{"words": "à 4 m", "is_for": True}]`."""
        return [{"words": words_of(reason), "is_for": reason.points > 0} for reason in self.likeness.reasons]


def candidates(report: Report, *, person: User | None = None) -> list[Candidate]:
    """Return the reports that this one may repeat, the likeliest first, at most MOST, with what a card shows.

    What waits for a moderator is compared only where `person` may judge it; without a person, in the report's own
    quarter, which whoever judges the report judges too. Costs the same however many reports there are.
    """
    found = [
        Candidate(report=other, metres=other.distance.m, likeness=likeness(traits_of(report, other)))
        for rows in (public_around(report), pending_around(report, person))
        for other in rows
    ]
    shown = [candidate for candidate in found if candidate.score >= SHOWN]
    return sorted(shown, key=lambda candidate: (-candidate.score, candidate.metres))[:MOST]


def around(report: Report) -> ReportQuerySet:
    """Return what lies near a report, the nearest first, with what is compared."""
    within = report.category.duplicate_radius_m * REACH
    rows: ReportQuerySet = (
        Report.objects.near(report.point, within)
        .exclude(pk=report.pk)
        .with_card()
        .annotate(
            stems=Stems(F("description")),
            own_stems=Stems(Value(report.description)),
            words_alike=AlikeTo(F("description"), Value(report.description)),
            address_alike=AlikeTo(F("address"), Value(report.address)),
        )
    )
    return rows


def public_around(report: Report) -> ReportQuerySet:
    """Return what waits for its repair nearby, and what was repaired so lately that it may have failed again."""
    lately = timezone.now() - workflow.REOPEN_DAYS * DAY
    alive = Q(status__in=workflow.UNRESOLVED) | Q(status=workflow.RESOLVED, resolved_at__gte=lately)
    rows: ReportQuerySet = around(report).public().filter(alive)
    return rows[:WEIGHED]


def pending_around(report: Report, person: User | None) -> ReportQuerySet:
    """Return what waits for a moderator nearby."""
    rows = around(report).filter(status=workflow.PENDING)
    within: ReportQuerySet = rows.judged_by(person) if person else rows.filter(quarter=report.quarter_id)
    return within[:WEIGHED]


def traits_of(report: Report, other: Any) -> Traits:
    """Return two reports side by side; `other` comes from `around`."""
    both_described = bool(report.description and other.description)
    both_placed = bool(report.address and other.address)
    same_group = report.category.group_fr and report.category.group_fr == other.category.group_fr
    kinship: Literal["group", "other"] = "group" if same_group else "other"
    return Traits(
        metres=other.distance.m,
        radius_m=report.category.duplicate_radius_m,
        days=abs(report.received_at - other.received_at) / DAY,
        category="same" if report.category_id == other.category_id else kinship,
        state="repaired" if other.status == workflow.RESOLVED else "waiting",
        words=max(other.words_alike, overlap(other.stems, other.own_stems)) if both_described else None,
        address=other.address_alike if both_placed else None,
        house=same_house(report.address, other.address),
        picture=closest(fingerprints_of(report), fingerprints_of(other)),
    )


def fingerprints_of(report: Report) -> list[str]:
    """Return the fingerprints of a report's pictures of the problem."""
    return [photo.phash for photo in report.photos.all() if photo.phash and photo.kind == "problem"]


def remarks_on(report: Report, original: Report) -> list[str]:
    """Return what whoever joins a report to an original they named should know before: another service, another place.

    Nothing where both lie within the category's own distance and with the same organisation.
    """
    names = {"ref": original.ref, "name": original.organisation}
    remarks = []
    if original.organisation_id != report.organisation_id:
        words = _("%(ref)s est confié à un autre service : %(name)s.") if original.organisation else NOBODYS
        remarks.append(str(words % names))
    distance = Report.objects.annotate(distance=Distance("point", report.point)).values_list("distance", flat=True)
    metres = distance.get(pk=original.pk).m
    if metres > report.category.duplicate_radius_m:
        remarks.append(str(_("%(ref)s se trouve %(distance)s de celui-ci.") % {**names, "distance": far(metres)}))
    return remarks


def far(metres: float) -> str | Promise:
    """Return a distance in words, e.g. `à 240 m`, `à 1,2 km`."""
    if metres < KILOMETRE:
        return _("à %(metres)d m") % {"metres": round(metres)}
    return _("à %(metres)s km") % {"metres": number_format(metres / KILOMETRE, 1)}


def words_of(reason: Reason) -> str | Promise:
    """Return a reason in a few words."""
    measured: dict[str, str | Promise] = {
        "place": _("à %(metres)d m") % {"metres": round(reason.measure)},
        "time": time_between(reason.measure),
        "category": _("même catégorie") if reason.points > 0 else _("autre catégorie"),
        "state": _("déjà réparé"),
        "words": _("peu de mots communs")
        if reason.points < 0
        else _("mots communs : %(percent)d %%") % {"percent": round(100 * reason.measure)},
        "address": _("autre adresse")
        if reason.points < 0
        else _("adresse semblable à %(percent)d %%") % {"percent": round(100 * reason.measure)},
        "house": _("autre numéro"),
        "picture": _("photos semblables") if reason.measure else _("même photo"),
    }
    return measured[reason.code]


def time_between(days: float) -> str | Promise:
    """Return how much time lies between two reports."""
    whole = int(days)
    if not whole:
        return _("à moins d’un jour d’écart")
    return ngettext_lazy("à %(days)d jour d’écart", "à %(days)d jours d’écart", whole) % {"days": whole}
