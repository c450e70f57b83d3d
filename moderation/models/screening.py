"""What a town does not want to read unseen, and when it takes which reports."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from moderation.folding import words_of
from moderation.opening import Opening
from moderation.querysets import BlockedTermQuerySet, OpeningRuleQuerySet
from reports.models import Category, Town

# A letter alone stands in every text.
SHORTEST = 2
TWICE = _("Ce terme est déjà bloqué ici, écrit ainsi ou autrement.")


class BlockedTerm(models.Model):
    """A word, or words in a row, that hold what carries them until a moderator has read it.

    Compared folded (`moderation.folding`), so that accents, capitals, gaps and digits for letters change nothing.
    """

    class Language(models.TextChoices):
        ANY = "", _("Toutes les langues")
        FRENCH = "fr", _("Textes en français")
        ENGLISH = "en", _("Textes en anglais")

    typed = models.CharField(
        _("terme"),
        max_length=80,
        help_text=_(
            "Un mot ou une suite de mots. Majuscules, accents, espaces et chiffres à la place de lettres sont reconnus."
        ),
    )
    folded = models.CharField(max_length=160, editable=False)
    language = models.CharField(
        _("cherché dans"),
        max_length=2,
        blank=True,
        choices=Language.choices,
        default=Language.ANY,
        help_text=_("À limiter seulement si le terme est un mot honnête dans l’autre langue."),
    )
    town = models.ForeignKey(
        Town,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("ville"),
        help_text=_("Vide : dans toutes les villes."),
    )
    added_at = models.DateTimeField(_("ajouté"), auto_now_add=True)

    objects = BlockedTermQuerySet.as_manager()

    class Meta:
        verbose_name = _("terme bloqué")
        verbose_name_plural = _("termes bloqués")
        ordering = ["folded"]
        constraints = [
            models.UniqueConstraint(
                fields=["folded", "town"],
                name="one_blocked_term_per_town",
                nulls_distinct=False,
                violation_error_message=TWICE,
            ),
            models.CheckConstraint(name="blocked_term_has_letters", condition=~Q(folded="")),
        ]

    def __str__(self) -> str:
        return self.typed

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the folded form beside the typed one."""
        self.folded = " ".join(words_of(self.typed))
        super().save(*args, **kwargs)

    def clean(self) -> None:
        """Refuse what has no word to compare, and what is there already.

        Raises:
            ValidationError
        """
        self.folded = " ".join(words_of(self.typed))
        if len(self.folded) < SHORTEST:
            raise ValidationError({"typed": _("Écrivez au moins deux lettres : une seule retiendrait presque tout.")})
        # A form does not show the folded column, and so leaves its constraint to the database.
        if BlockedTerm.objects.filter(folded=self.folded, town=self.town).exclude(pk=self.pk).exists():
            raise ValidationError({"typed": TWICE})


class OpeningRule(models.Model):
    """When a category takes reports: one with rules is open while one of them covers the moment, one without always."""

    category = models.ForeignKey(Category, models.CASCADE, related_name="opening_rules", verbose_name=_("catégorie"))
    town = models.ForeignKey(
        Town,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("ville"),
        help_text=_("Vide : dans toutes les villes qui n’ont pas leur propre règle."),
    )
    first_day = models.DateField(_("à partir du"), null=True, blank=True)
    last_day = models.DateField(_("jusqu’au"), null=True, blank=True)
    weekdays = ArrayField(
        models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(7)]),
        verbose_name=_("jours"),
        default=list,
        blank=True,
    )
    from_time = models.TimeField(_("de"), null=True, blank=True)
    until_time = models.TimeField(
        _("à"), null=True, blank=True, help_text=_("Plus tôt que le début : le lendemain matin.")
    )

    objects = OpeningRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("règle d’ouverture")
        verbose_name_plural = _("règles d’ouverture")
        ordering = ["category", "pk"]
        constraints = [
            models.CheckConstraint(
                name="opening_days_in_order",
                condition=Q(first_day=None) | Q(last_day=None) | Q(first_day__lte=models.F("last_day")),
                violation_error_message=_("Le dernier jour vient avant le premier."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.category}"

    @property
    def opening(self) -> Opening:
        """What it says, for the arithmetic."""
        return Opening(self.first_day, self.last_day, tuple(self.weekdays), self.from_time, self.until_time)
