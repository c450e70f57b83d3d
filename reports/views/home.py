"""The first page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from reports.models import Category, Report, Town
from reports.services import figures

LATEST = 6


@require_safe
@cache_control(public=True, max_age=1)
def home(request: HttpRequest) -> HttpResponse:
    """Show the call to report, the latest reports, and how the town is doing."""
    context = {
        "towns": Town.objects.defer("boundary"),
        "latest": Report.objects.public().newest().with_card()[:LATEST],
        "categories": Category.objects.offered(),
        "shown_figures": shown(figures.current()["everywhere"]),
        "how": [
            {
                "title": _("Prenez une photo"),
                "words": _("Elle n’est pas obligatoire, mais elle aide l’équipe à venir avec le bon matériel."),
            },
            {
                "title": _("Montrez l’endroit"),
                "words": _("Votre position suffit. Sans GPS, le quartier et un repère aussi."),
            },
            {
                "title": _("Suivez la réparation"),
                "words": _("Chaque étape est publique, jusqu’à la photo qui prouve la réparation."),
            },
        ],
    }
    return render(request, "reports/home.html", context)


def shown(counted: figures.Figures) -> list[dict[str, object]]:
    """Return figures with their words, as `parts/figures.html` shows them."""
    days = counted["days_to_repair"]
    return [
        {"value": counted["open"], "label": _("à prendre en charge")},
        {"value": counted["in_progress"], "label": _("en cours")},
        {"value": counted["resolved_lately"], "label": _("réparés en 30 jours")},
        {"value": "–" if days is None else days, "label": _("jours au plus, pour une réparation sur deux")},
    ]
