"""Why something of somebody's was taken away, as they read it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Ban
from moderation.querysets import StatementQuerySet
from moderation.wording import RULES
from reports.models import Comment, Event, Photo, Report
from reports.models.community import new_token


class Statement(models.Model):
    """A statement of reasons: what was decided about whose contribution, by which rule, on what facts, by whom.

    `token` opens its page (`/motifs/<token>/`), which also takes the appeal; that of a ban is the ban's own. `report`
    is what it is about, or where it stands. `user` is whose contribution it is, if it was sent with an account.
    `event` is the line of the log that it explains, one statement for each.
    `lifted_at` is set once the decision holds no more.
    """

    class What(models.TextChoices):
        REPORT_HELD = "report_held", _("Signalement retiré de la vue pour examen")
        REPORT_REJECTED = "report_rejected", _("Signalement non retenu")
        COMMENT_HELD = "comment_held", _("Commentaire retiré de la vue pour examen")
        COMMENT_REMOVED = "comment_removed", _("Commentaire retiré")
        PHOTO_HIDDEN = "photo_hidden", _("Photo cachée")
        BANNED = "banned", _("Participation suspendue")

    token = models.CharField(max_length=32, unique=True, default=new_token, editable=False)
    what = models.CharField(_("décision"), max_length=16, choices=What.choices)
    report = models.ForeignKey(Report, models.CASCADE, related_name="statements", verbose_name=_("signalement"))
    comment = models.ForeignKey(
        Comment, models.CASCADE, null=True, blank=True, related_name="statements", verbose_name=_("commentaire")
    )
    photo = models.ForeignKey(
        Photo, models.SET_NULL, null=True, blank=True, related_name="statements", verbose_name=_("photo")
    )
    ban = models.OneToOneField(
        Ban, models.CASCADE, null=True, blank=True, related_name="statement", verbose_name=_("suspension")
    )
    event = models.OneToOneField(Event, models.SET_NULL, null=True, blank=True, related_name="+", editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="statements",
        verbose_name=_("personne"),
    )
    rule = models.CharField(_("règle"), max_length=12, choices=RULES.items())
    facts = models.CharField(_("faits"), max_length=1000, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("décidé par")
    )
    # Empty for the portal itself, after enough alerts.
    decided_role = models.CharField(_("rôle"), max_length=16, blank=True)
    language = models.CharField(_("langue"), max_length=5, default="fr")
    created_at = models.DateTimeField(_("décidé le"), default=timezone.now)
    lifted_at = models.DateTimeField(_("levé"), null=True, blank=True)

    objects = StatementQuerySet.as_manager()

    class Meta:
        verbose_name = _("motif de décision")
        verbose_name_plural = _("motifs de décision")
        constraints = [
            models.CheckConstraint(
                name="statement_names_its_subject",
                condition=Q(what__in=["report_held", "report_rejected", "photo_hidden"])
                | Q(what__in=["comment_held", "comment_removed"], comment__isnull=False)
                | Q(what="banned", ban__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.what} {self.report_id}"

    @property
    def is_automatic(self) -> bool:
        """Whether nobody decided yet: enough neighbours alerted."""
        return not self.decided_role
