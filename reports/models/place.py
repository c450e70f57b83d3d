"""Towns and their quarters."""

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.utils.translation import gettext_lazy as _

from reports.querysets import QuarterQuerySet


def french_and_english() -> list[str]:
    """Return the languages that a town speaks unless it says otherwise."""
    return ["fr", "en"]


class Town(models.Model):
    """A municipality served by this installation."""

    slug = models.SlugField(_("identifiant"), unique=True)
    name = models.CharField(_("nom"), max_length=120)
    boundary = models.MultiPolygonField(_("limite"), srid=4326)
    centre = models.PointField(_("centre"), srid=4326)
    time_zone = models.CharField(_("fuseau horaire"), max_length=40, default="Africa/Douala")
    languages = ArrayField(models.CharField(max_length=5), verbose_name=_("langues"), default=french_and_english)
    boundary_note = models.CharField(_("origine des limites"), max_length=300, blank=True)
    vote_goal = models.PositiveSmallIntegerField(
        _("soutiens visés"),
        null=True,
        blank=True,
        validators=[MinValueValidator(2)],
        help_text=_("Le nombre de soutiens qui porte un signalement devant le conseil ; vide : aucun."),
    )
    contact_retention_days = models.PositiveSmallIntegerField(
        _("conservation des coordonnées (jours)"),
        default=90,
        help_text=_("Après la clôture d’un signalement, les coordonnées de son auteur sont effacées."),
    )

    class Meta:
        verbose_name = _("ville")
        verbose_name_plural = _("villes")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Quarter(models.Model):
    """A part of a town that people call by its name."""

    town = models.ForeignKey(Town, models.CASCADE, related_name="quarters", verbose_name=_("ville"))
    slug = models.SlugField(_("identifiant"), max_length=80)
    name = models.CharField(_("nom"), max_length=120)
    # The GiST index that GeoDjango adds answers "which quarter is this point in?" for every new report.
    boundary = models.MultiPolygonField(_("limite"), srid=4326)
    approximate = models.BooleanField(_("limite approximative"), default=False)

    objects = QuarterQuerySet.as_manager()

    class Meta:
        verbose_name = _("quartier")
        verbose_name_plural = _("quartiers")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["town", "slug"], name="one_quarter_per_slug_and_town")]

    def __str__(self) -> str:
        return self.name
