"""What screening looks for: blocked terms and opening rules, kept by administrators; and a page to try a text on."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.dates import WEEKDAYS
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from moderation.admin.base import AdministratorsOnly, judge_of
from moderation.models import BlockedTerm, OpeningRule
from moderation.services.findings import Explained, in_words
from moderation.services.screening import findings_of_text
from reports.models import Town

MOST = 4000

Context = dict[str, Any]


class TryForm(forms.Form):
    """A text, and the town whose terms are looked for."""

    text = forms.CharField(
        label=gettext_lazy("Texte à essayer"), max_length=MOST, widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"})
    )
    town = forms.ModelChoiceField(
        label=gettext_lazy("Ville"),
        queryset=Town.objects.none(),
        required=False,
        empty_label=gettext_lazy("Les termes de toutes les villes"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the towns, if there is a choice."""
        super().__init__(*args, **kwargs)
        towns = Town.objects.only("name").order_by("name")
        self.fields["town"].queryset = towns  # type: ignore[attr-defined]  # a choice field


def found_in(form: TryForm) -> list[Explained]:
    """Return what screening finds in the words of a valid form."""
    town = form.cleaned_data["town"]
    language = get_language() or "fr"
    return in_words(findings_of_text(form.cleaned_data["text"], town_id=town.pk if town else None, language=language))


def try_out(request: HttpRequest, context: Context) -> HttpResponse:
    """Show what screening would say of a text; nothing of it is kept."""
    judge_of(request)
    form = TryForm(request.POST if request.method == "POST" else None)
    tried = form.is_bound and form.is_valid()
    page = {
        "title": _("Essayer le filtrage"),
        "form": form,
        "tried": tried,
        "findings": found_in(form) if tried else [],
    }
    status = 422 if form.is_bound and not tried else 200
    return TemplateResponse(request, "moderation/screening_try.html", {**context, **page}, status=status)


@admin.register(BlockedTerm)
class BlockedTermAdmin(AdministratorsOnly):
    """Terms of the whole portal, and of each town."""

    may_delete = True
    list_display = ["typed", "language", "town", "added_at"]
    list_select_related = ["town"]
    list_filter = ["language", "town"]
    search_fields = ["typed", "folded"]
    fields = ["typed", "language", "town"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[BlockedTerm]:
        """Leave the boundaries in the database."""
        rows: QuerySet[BlockedTerm] = super().get_queryset(request)
        return rows.defer("town__boundary")

    def get_urls(self) -> list[URLPattern]:
        """Add the page to try a text on, which moderators may use too."""

        def view(request: HttpRequest) -> HttpResponse:
            return try_out(request, self.admin_site.each_context(request))

        own = path("try/", self.admin_site.admin_view(view), name="moderation_blockedterm_try")
        return [own, *super().get_urls()]


@admin.register(OpeningRule)
class OpeningRuleAdmin(AdministratorsOnly):
    """When categories take reports; what comes at another time waits for a moderator."""

    may_delete = True
    fields = ["category", "town", "first_day", "last_day", "weekdays", "from_time", "until_time"]
    list_display = ["category", "town", "first_day", "last_day", "days", "from_time", "until_time"]
    list_display_links = ["category"]
    list_select_related = ["category", "town"]
    list_filter = ["category", "town"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[OpeningRule]:
        """Leave the boundaries in the database."""
        rows: QuerySet[OpeningRule] = super().get_queryset(request)
        return rows.defer("town__boundary")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> forms.Field | None:
        """Offer the days of the week to tick."""
        if db_field.name == "weekdays":
            return forms.TypedMultipleChoiceField(
                label=capfirst(db_field.verbose_name),
                help_text=_("Aucun jour coché : tous les jours."),
                choices=[(number + 1, capfirst(name)) for number, name in WEEKDAYS.items()],
                coerce=int,
                empty_value=[],
                required=False,
                widget=forms.CheckboxSelectMultiple,
            )
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @admin.display(description=gettext_lazy("jours"))
    def days(self, rule: OpeningRule) -> str:
        """Return the days of the week in words; a dash for all of them."""
        return ", ".join(str(WEEKDAYS[number - 1]) for number in sorted(rule.weekdays)) or "–"
