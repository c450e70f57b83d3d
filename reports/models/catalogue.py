"""What can be reported, and who repairs it."""

from django.contrib.gis.db import models
from django.core.validators import MaxValueValidator
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from reports.models.place import Quarter, Town
from reports.querysets import CategoryQuerySet


class Category(models.Model):
    """A kind of problem, with the town's own words for it in each language."""

    code = models.SlugField(_("code"), unique=True)
    name_fr = models.CharField(_("nom en français"), max_length=80)
    name_en = models.CharField(_("nom en anglais"), max_length=80)
    group_fr = models.CharField(_("groupe en français"), max_length=80, blank=True)
    group_en = models.CharField(_("groupe en anglais"), max_length=80, blank=True)
    icon = models.SlugField(_("icône"), default="other")
    position = models.PositiveSmallIntegerField(_("rang"), default=0)
    duplicate_radius_m = models.PositiveSmallIntegerField(_("rayon des doublons (m)"), default=50)
    post_moderated = models.BooleanField(_("publié avant d’être jugé"), default=False)
    photo_wanted = models.BooleanField(_("photo souhaitée"), default=True)
    response_days = models.PositiveSmallIntegerField(_("première réponse (jours)"), default=3)
    repair_days = models.PositiveSmallIntegerField(_("réparation (jours)"), default=30)
    urgency = models.PositiveSmallIntegerField(
        _("urgence"),
        default=1,
        validators=[MaxValueValidator(3)],
        help_text=_("De 0 (peut attendre) à 3 (danger) : compte dans la priorité, avec les soutiens."),
    )
    is_active = models.BooleanField(_("proposée"), default=True)

    objects = CategoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("catégorie")
        verbose_name_plural = _("catégories")
        ordering = ["position", "code"]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the language of whoever reads."""
        return self.name_en if get_language() == "en" else self.name_fr

    @property
    def group(self) -> str:
        """The group's name in the language of whoever reads."""
        return self.group_en if get_language() == "en" else self.group_fr


class Organisation(models.Model):
    """Whoever repairs: the town hall, a utility, an association."""

    class Kind(models.TextChoices):
        TOWN_HALL = "town_hall", _("Mairie")
        UTILITY = "utility", _("Concessionnaire")
        ASSOCIATION = "association", _("Association")

    slug = models.SlugField(_("identifiant"), unique=True)
    name = models.CharField(_("nom"), max_length=120)
    kind = models.CharField(_("nature"), max_length=16, choices=Kind.choices)
    email = models.EmailField(_("adresse e-mail"), blank=True)
    town = models.ForeignKey(Town, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("ville"))

    class Meta:
        verbose_name = _("organisme")
        verbose_name_plural = _("organismes")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class RoutingRule(models.Model):
    """Sends a category, a quarter, or both to an organisation; the most specific rule wins."""

    category = models.ForeignKey(
        Category, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("catégorie")
    )
    quarter = models.ForeignKey(
        Quarter, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("quartier")
    )
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="rules", verbose_name=_("organisme"))

    class Meta:
        verbose_name = _("règle d’attribution")
        verbose_name_plural = _("règles d’attribution")
        constraints = [
            models.UniqueConstraint(
                fields=["category", "quarter"], name="one_rule_per_category_and_quarter", nulls_distinct=False
            ),
        ]

    def __str__(self) -> str:
        return f"{self.category or '*'} × {self.quarter or '*'} → {self.organisation}"
