"""What a town promises: how soon somebody answers, how soon it is repaired, and which hours count."""

from datetime import time

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from reports.models.catalogue import Category, Organisation
from reports.models.place import Town

# A year of calendar hours. Three times as much still lies within what a date can say, however little is worked a week.
LONGEST_HOURS = 9000
SHORTEST_OPENING_MINUTES = 60
HOURS = [MinValueValidator(1), MaxValueValidator(LONGEST_HOURS)]


class ServiceLevel(models.Model):
    """The promise for a category, an organisation, or both; the most specific wins, as with routing rules.

    Where no row fits, the category's own days count, by the calendar.
    """

    class Counting(models.TextChoices):
        CALENDAR = "calendar", _("Heures du calendrier")
        WORKING = "working", _("Heures ouvrées de la ville")

    category = models.ForeignKey(
        Category, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("catégorie")
    )
    organisation = models.ForeignKey(
        Organisation, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("organisme")
    )
    answer_hours = models.PositiveSmallIntegerField(_("première réponse (heures)"), default=72, validators=HOURS)
    repair_hours = models.PositiveSmallIntegerField(_("réparation (heures)"), default=720, validators=HOURS)
    counting = models.CharField(_("heures comptées"), max_length=8, choices=Counting.choices, default=Counting.CALENDAR)
    escalate_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("prévenir en cas de retard"),
        help_text=_("Cette personne reçoit un e-mail, une seule fois par signalement, quand le délai est passé."),
    )

    class Meta:
        verbose_name = _("délai")
        verbose_name_plural = _("délais")
        ordering = [F("category").asc(nulls_last=True), F("organisation").asc(nulls_last=True)]
        constraints = [
            models.UniqueConstraint(
                fields=["category", "organisation"],
                name="one_level_per_category_and_organisation",
                nulls_distinct=False,
                violation_error_message=_("Un délai existe déjà pour cette catégorie et cet organisme."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.category or '*'} × {self.organisation or '*'}"


class WorkingHours(models.Model):
    """Hours of one weekday on which a town works; several rows make a break at noon."""

    class Weekday(models.IntegerChoices):
        MONDAY = 0, _("Lundi")
        TUESDAY = 1, _("Mardi")
        WEDNESDAY = 2, _("Mercredi")
        THURSDAY = 3, _("Jeudi")
        FRIDAY = 4, _("Vendredi")
        SATURDAY = 5, _("Samedi")
        SUNDAY = 6, _("Dimanche")

    town = models.ForeignKey(Town, models.CASCADE, related_name="working_hours", verbose_name=_("ville"))
    weekday = models.PositiveSmallIntegerField(_("jour"), choices=Weekday.choices)
    opens = models.TimeField(_("de"))
    closes = models.TimeField(_("à"), help_text=_("0 h 00 : jusqu’à minuit."))

    class Meta:
        verbose_name = _("heures ouvrées")
        verbose_name_plural = _("heures ouvrées")
        ordering = ["town", "weekday", "opens"]
        constraints = [
            models.UniqueConstraint(fields=["town", "weekday", "opens"], name="one_opening_per_weekday_and_hour"),
            models.CheckConstraint(
                name="opening_ends_after_it_begins", condition=Q(closes__gt=F("opens")) | Q(closes="00:00")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens:%H:%M}–{self.closes:%H:%M}"

    def clean(self) -> None:
        """Refuse an opening of less than an hour: a promise of many hours would end in another century.

        And one that overlaps another of its day: its hours would count twice.
        """
        if None in (self.opens, self.closes):
            return
        minutes = (self.closes.hour * 60 + self.closes.minute or 24 * 60) - self.opens.hour * 60 - self.opens.minute
        if minutes < SHORTEST_OPENING_MINUTES:
            raise ValidationError({"closes": _("Indiquez une fin au moins une heure après le début.")})
        same_day = WorkingHours.objects.filter(town=self.town_id, weekday=self.weekday).exclude(pk=self.pk)
        # Midnight at the end of a day is written as 00:00.
        begins_before = Q() if self.closes == time.min else Q(opens__lt=self.closes)
        if same_day.filter(begins_before, Q(closes__gt=self.opens) | Q(closes=time.min)).exists():
            raise ValidationError(_("Ces heures en recouvrent d’autres du même jour : corrigez celles-là."))


class Holiday(models.Model):
    """A day on which a town does not work."""

    town = models.ForeignKey(Town, models.CASCADE, related_name="holidays", verbose_name=_("ville"))
    day = models.DateField(_("jour"))
    name = models.CharField(_("nom"), max_length=120)

    class Meta:
        verbose_name = _("jour férié")
        verbose_name_plural = _("jours fériés")
        ordering = ["-day"]
        constraints = [
            models.UniqueConstraint(
                fields=["town", "day"],
                name="one_holiday_per_town_and_day",
                violation_error_message=_("Ce jour est déjà férié dans cette ville."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d} {self.name}"
