"""Words that are ready to be said again."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from moderation.ready_words import check_words
from reports.models import Category, Report


class ResponseTemplate(models.Model):
    """A text for a public answer, a question or a decision, with fields that each report fills in.

    For an answer or a question, `status` is what the report is in now; for a decision, what it becomes. Without a
    category or a status it is offered for all of them.
    """

    class Kind(models.TextChoices):
        REPLY = "reply", _("Réponse publique")
        QUESTION = "question", _("Question à l’auteur")
        DECISION = "decision", _("Décision (changement de statut)")

    title = models.CharField(_("titre"), max_length=80, help_text=_("Ce que l’équipe lit dans la liste."))
    kind = models.CharField(_("sert à"), max_length=8, choices=Kind.choices, default=Kind.REPLY)
    category = models.ForeignKey(
        Category, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("catégorie")
    )
    status = models.CharField(
        _("statut"),
        max_length=16,
        choices=Report.Status.choices,
        blank=True,
        help_text=_("Le statut du signalement ; pour une décision, celui qu’il reçoit."),
    )
    text_fr = models.TextField(
        _("texte en français"),
        max_length=1500,
        validators=[check_words],
        help_text=_("Champs : {ref} {category} {quarter} {organisation} {due}."),
    )
    text_en = models.TextField(
        _("texte en anglais"), max_length=1500, validators=[check_words], help_text=_("Avec les mêmes champs.")
    )
    position = models.PositiveSmallIntegerField(_("rang"), default=0)
    is_active = models.BooleanField(_("proposé"), default=True)

    class Meta:
        verbose_name = _("modèle de réponse")
        verbose_name_plural = _("modèles de réponse")
        ordering = ["position", "title", "pk"]

    def __str__(self) -> str:
        return self.title

    def text_in(self, language: str) -> str:
        """Return the words in a language; any other than English reads French."""
        return self.text_en if language == "en" else self.text_fr
