"""The report itself: its current state. How it came there is in the event log."""

import secrets
from typing import Any

from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GinIndex, GistIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.encryption import EncryptedField
from reports import workflow
from reports.models.catalogue import Category, Organisation
from reports.models.place import Quarter
from reports.querysets import ReportQuerySet

# Without letters and digits that are confused when spoken or read: 0/O, 1/I/L, 2/Z, 5/S, 8/B, U/V.
REF_ALPHABET = "34679ACDEFGHJKMNPQRTVWXY"


def new_ref() -> str:
    """Return a speakable number that says nothing about how many reports there are, e.g. `K7M-4QX`."""
    letters = [secrets.choice(REF_ALPHABET) for _unused in range(6)]
    return f"{''.join(letters[:3])}-{''.join(letters[3:])}"


class Report(models.Model):
    """Something broken at a place."""

    class Status(models.TextChoices):
        PENDING = workflow.PENDING, _("En attente de validation")
        OPEN = workflow.OPEN, _("Signalé")
        IN_PROGRESS = workflow.IN_PROGRESS, _("En cours")
        RESOLVED = workflow.RESOLVED, _("Résolu")
        REJECTED = workflow.REJECTED, _("Non retenu")
        DUPLICATE = workflow.DUPLICATE, _("Doublon")
        WITHDRAWN = workflow.WITHDRAWN, _("Retiré")

    class Timing(models.TextChoices):
        DUE = "due", _("Dans les délais")
        SOON = "soon", _("Bientôt dû")
        LATE = "late", _("En retard")
        VERY_LATE = "very_late", _("Très en retard")

    class Source(models.TextChoices):
        WEB = "web", _("Site")
        API = "api", _("API")
        OPEN311 = "open311", _("Open311")
        IMPORT = "import", _("Import")

    ref = models.CharField(_("numéro"), max_length=7, unique=True, default=new_ref, editable=False)
    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="reports",
        verbose_name=_("auteur"),
    )
    public_name = models.CharField(_("nom montré"), max_length=80, blank=True)
    contact_email = EncryptedField(_("e-mail de contact"), blank=True)
    contact_phone = EncryptedField(_("téléphone de contact"), blank=True)
    category = models.ForeignKey(Category, models.PROTECT, related_name="reports", verbose_name=_("catégorie"))
    description = models.TextField(_("description"), max_length=4000, blank=True)
    point = models.PointField(_("position"), srid=4326, spatial_index=False)
    address = models.CharField(_("lieu en mots"), max_length=200, blank=True)
    quarter = models.ForeignKey(Quarter, models.PROTECT, related_name="reports", verbose_name=_("quartier"))
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="reports", verbose_name=_("organisme")
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="assigned_reports",
        verbose_name=_("confié à"),
    )
    status = models.CharField(_("statut"), max_length=16, choices=Status.choices, default=Status.PENDING)
    priority = models.PositiveSmallIntegerField(_("priorité"), default=0)
    votes = models.PositiveIntegerField(_("soutiens"), default=0)
    comments = models.PositiveIntegerField(_("commentaires"), default=0)
    rejection_reason = models.CharField(_("motif"), max_length=500, blank=True)
    # What screening found, for moderators: `[{"code": "link", …}]`; see `moderation.services.screening`.
    findings: "models.JSONField[Any, list[dict[str, Any]]]" = models.JSONField(
        _("relevé du filtrage"), default=list, blank=True, editable=False
    )
    # The public status from which it was taken to wait for a moderator again, and to which it returns if accepted.
    held_from = models.CharField(_("retiré de la vue depuis"), max_length=16, blank=True, choices=Status.choices)
    # The signed token of the browser that sent it; empty with an account, and once retention has passed.
    device = models.CharField(_("appareil"), max_length=40, blank=True, editable=False)
    split_from = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="parts", verbose_name=_("séparé de")
    )
    duplicate_of = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="duplicates", verbose_name=_("doublon de")
    )
    captured_at = models.DateTimeField(_("constaté"), null=True, blank=True)
    received_at = models.DateTimeField(_("reçu"), default=timezone.now)
    published_at = models.DateTimeField(_("publié"), null=True, blank=True)
    updated_at = models.DateTimeField(_("modifié"), default=timezone.now)
    # The clock of the service level (`reports.services.deadlines`): first answer, then repair. While the author is
    # asked something it stands still, since `clock_stopped_at`.
    answer_due_at = models.DateTimeField(_("à prendre en charge avant"), null=True, blank=True)
    answered_at = models.DateTimeField(_("première réponse"), null=True, blank=True)
    due_soon_at = models.DateTimeField(_("bientôt dû"), null=True, blank=True)
    due_at = models.DateTimeField(_("à réparer avant"), null=True, blank=True)
    very_late_at = models.DateTimeField(_("très en retard"), null=True, blank=True)
    # The promised hours are counted from here; it moves on by each pause.
    clock_started_at = models.DateTimeField(_("délai compté depuis"), null=True, blank=True)
    clock_stopped_at = models.DateTimeField(_("délai arrêté"), null=True, blank=True)
    escalated_at = models.DateTimeField(_("retard signalé"), null=True, blank=True)
    resolved_at = models.DateTimeField(_("résolu"), null=True, blank=True)
    # The author said that it really is repaired: they cannot reopen it any more.
    confirmed_at = models.DateTimeField(_("réparation confirmée"), null=True, blank=True)
    source = models.CharField(_("origine"), max_length=12, choices=Source.choices, default=Source.WEB)
    language = models.CharField(_("langue"), max_length=5, default="fr")
    idempotency_key = models.CharField(_("clé d’idempotence"), max_length=80, null=True, blank=True, editable=False)
    body_digest = models.CharField(max_length=64, blank=True, editable=False)
    search = models.GeneratedField(
        expression=SearchVector("description", "address", config="reports_words"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("signalement")
        verbose_name_plural = _("signalements")
        ordering = ["-received_at", "-id"]
        constraints = [
            models.CheckConstraint(name="status_is_known", condition=Q(status__in=workflow.STATUSES)),
            models.CheckConstraint(
                name="duplicate_names_its_original",
                condition=Q(status=workflow.DUPLICATE, duplicate_of__isnull=False)
                | (~Q(status=workflow.DUPLICATE) & Q(duplicate_of=None)),
            ),
            models.CheckConstraint(
                name="not_its_own_duplicate", condition=Q(duplicate_of=None) | ~Q(duplicate_of=F("id"))
            ),
            models.CheckConstraint(
                name="resolved_has_a_date", condition=~Q(status=workflow.RESOLVED) | Q(resolved_at__isnull=False)
            ),
            models.CheckConstraint(
                name="held_waits_for_a_moderator",
                condition=Q(held_from="") | Q(status=workflow.PENDING, held_from__in=workflow.PUBLIC),
            ),
            # One phone, one report: the key is the client's, a retry must find the first answer.
            models.UniqueConstraint(fields=["idempotency_key"], name="one_report_per_idempotency_key"),
        ]
        indexes = [
            # The map and "déjà signalé ?": public points in a box, narrowed by category without reading the rows.
            GistIndex(
                "point",
                "category",
                name="public_points",
                condition=Q(status__in=workflow.PUBLIC),
            ),
            # The public list, newest first, whole or narrowed to one status, category or quarter.
            models.Index(
                fields=["-published_at", "-id"], name="public_newest", condition=Q(status__in=workflow.PUBLIC)
            ),
            models.Index(
                fields=["status", "-published_at", "-id"],
                name="public_newest_by_status",
                condition=Q(status__in=workflow.PUBLIC),
            ),
            models.Index(
                fields=["category", "-published_at", "-id"],
                name="public_newest_by_category",
                condition=Q(status__in=workflow.PUBLIC),
            ),
            models.Index(
                fields=["quarter", "-published_at", "-id"],
                name="public_newest_by_quarter",
                condition=Q(status__in=workflow.PUBLIC),
            ),
            # "Most supported".
            models.Index(
                fields=["-votes", "-id"], name="public_most_supported", condition=Q(status__in=workflow.PUBLIC)
            ),
            # The back office's list, most pressing first.
            models.Index(fields=["-priority", "-id"], name="reports_by_priority"),
            # The same list by support, and narrowed to one status: some statuses are rare.
            models.Index(fields=["-votes", "-id"], name="reports_by_support"),
            models.Index(fields=["status", "-id"], name="reports_by_status"),
            # The moderators' queue: the most urgent first, of these the oldest; and the oldest of all, for digests.
            models.Index(
                fields=["-priority", "received_at", "id"], name="queue_pressing", condition=Q(status=workflow.PENDING)
            ),
            models.Index(fields=["received_at"], name="queue_oldest", condition=Q(status=workflow.PENDING)),
            # "Is it the same as one that waits as well?"
            # As expressions: of a geometry alone, named as a field, Django leaves the condition out.
            GistIndex("point", "quarter", name="pending_points", condition=Q(status=workflow.PENDING)),
            # What is to be repaired first, and what is late.
            models.Index(fields=["due_at"], name="repairs_due", condition=Q(status__in=workflow.UNRESOLVED)),
            # What is due soon, and whose clock stands still.
            models.Index(fields=["due_soon_at"], name="repairs_due_soon", condition=Q(status__in=workflow.UNRESOLVED)),
            models.Index(
                fields=["-id"],
                name="clocks_standing",
                condition=Q(status__in=workflow.UNRESOLVED, clock_stopped_at__isnull=False),
            ),
            # The first answer that is due, what is three times late, and what nobody is responsible for.
            models.Index(
                fields=["answer_due_at"],
                name="answers_due",
                condition=Q(status__in=workflow.UNRESOLVED, answered_at=None),
            ),
            models.Index(
                fields=["very_late_at"], name="repairs_very_late", condition=Q(status__in=workflow.UNRESOLVED)
            ),
            models.Index(
                fields=["received_at"],
                name="reports_of_nobody",
                condition=Q(status__in=workflow.UNRESOLVED, organisation=None),
            ),
            # A person's tasks.
            models.Index(
                fields=["assignee", "due_at"],
                name="tasks_of_person",
                condition=Q(status__in=workflow.UNRESOLVED, assignee__isnull=False),
            ),
            # Too many from one device.
            models.Index(fields=["device", "received_at"], name="reports_of_device", condition=~Q(device="")),
            # Retention: whose contact data and device may have to go. Nearly every row has none left, or never had any.
            models.Index(
                fields=["updated_at"],
                name="reports_with_contact",
                condition=~Q(contact_email="", contact_phone="", device="")
                & ~Q(status__in=(workflow.PENDING, *workflow.UNRESOLVED)),
            ),
            # A person's own reports.
            models.Index(
                fields=["reporter", "-received_at"], name="reports_of_person", condition=Q(reporter__isnull=False)
            ),
            # The rollups: what a quarter received and repaired in one day or month.
            models.Index(fields=["quarter", "received_at"], name="received_in_quarter"),
            models.Index(
                fields=["quarter", "resolved_at"], name="repaired_in_quarter", condition=Q(status=workflow.RESOLVED)
            ),
            # Search by words.
            GinIndex(fields=["search"], name="report_words"),
        ]

    def __str__(self) -> str:
        return f"{self.ref} {self.category}"

    def get_absolute_url(self) -> str:
        """Return the page's path in the language of whoever reads."""
        return reverse("report-detail", args=[self.ref])

    @property
    def is_public(self) -> bool:
        """Whether everybody may see it."""
        return self.status in workflow.PUBLIC

    @property
    def is_gone(self) -> bool:
        """Whether everybody saw it, and nobody shall any more: refused, or taken back by its author."""
        return self.status in {workflow.REJECTED, workflow.WITHDRAWN} and self.published_at is not None

    def find_original(self) -> "Report | None":
        """Return the public report that a duplicate leads to, which is not always the one it was joined to; else None.

        That one may have been joined to another in turn: then this asks the database, once.
        """
        original: Report | None = self.duplicate_of
        if original is not None and original.status == workflow.DUPLICATE:
            original = Report.objects.public_behind(original.pk)
        return original if original is not None and original.is_public else None

    @property
    def title(self) -> str:
        """What is broken, and where, in one line."""
        return ", ".join(part for part in (self.category.name, self.address, self.quarter.name) if part)

    @property
    def timing(self) -> str:
        """How the repair stands against what was promised, one of `Timing`; empty where nothing is promised (any more).

        While its author is asked something no time passes.
        """
        if self.status not in workflow.UNRESOLVED or self.due_at is None:
            return ""
        now = self.clock_stopped_at or timezone.now()
        if self.very_late_at is not None and self.very_late_at < now:
            return self.Timing.VERY_LATE
        if self.due_at < now:
            return self.Timing.LATE
        return self.Timing.SOON if self.due_soon_at is not None and self.due_soon_at < now else self.Timing.DUE

    @property
    def is_late(self) -> bool:
        """Whether its repair was promised for an earlier moment."""
        return self.timing in {self.Timing.LATE, self.Timing.VERY_LATE}

    @property
    def answer_is_late(self) -> bool:
        """Whether nobody has answered in the promised time."""
        if self.status not in workflow.UNRESOLVED or self.answered_at is not None or self.answer_due_at is None:
            return False
        return self.answer_due_at < (self.clock_stopped_at or timezone.now())
