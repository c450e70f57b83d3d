"""Every component in every state, for whoever works on the look. Reached in development only."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from django import forms
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from reports.models import Event

Sample = dict[str, Any]

CATEGORIES: list[Sample] = [
    {"code": "pothole", "name": "Nid-de-poule", "icon": "pothole"},
    {"code": "lamp", "name": "Lampadaire en panne", "icon": "lamp"},
    {"code": "rubbish", "name": "Dépôt d’ordures", "icon": "rubbish"},
    {"code": "leak", "name": "Fuite d’eau", "icon": "leak"},
    {"code": "drain", "name": "Caniveau bouché", "icon": "drain"},
    {"code": "flood", "name": "Inondation", "icon": "flood"},
    {"code": "noise", "name": "Bruit", "icon": "noise"},
    {"code": "tree", "name": "Arbre dangereux", "icon": "tree"},
    {"code": "sign", "name": "Panneau abîmé", "icon": "sign"},
    {"code": "traffic-light", "name": "Feu en panne", "icon": "traffic-light"},
    {"code": "manhole", "name": "Regard ouvert", "icon": "manhole"},
    {"code": "wire", "name": "Câble électrique", "icon": "wire"},
    {"code": "market", "name": "Marché", "icon": "market"},
    {"code": "bench", "name": "Mobilier urbain", "icon": "bench"},
    {"code": "building", "name": "Bâtiment public", "icon": "building"},
    {"code": "other", "name": "Autre", "icon": "other"},
]
TIMINGS = ["soon", "late", "very_late"]
STATUSES = ["pending", "open", "in_progress", "resolved", "rejected", "duplicate", "withdrawn"]
PLACES = [
    ("Rue Joseph-Essono-Balla, face à la pharmacie", "Bastos"),
    ("Carrefour Ekié", "Ekounou"),
    ("", "Mokolo"),
    ("Montée Ane-Rouge", "Centre administratif"),
    ("Derrière le marché Mvog-Mbi, entrée des taxis", "Mvog-Mbi"),
    ("École publique", "Nsimeyong"),
    ("Descente Tsinga", "Tsinga"),
]
BROKEN = "#3b3f3c"
REPAIRED = "#8d938e"


class SampleForm(forms.Form):
    """A field of each sort; `q` leads the filters."""

    q = forms.CharField(label=_("Mots ou numéro"), required=False)
    quarter = forms.ChoiceField(
        label=_("Quartier"), choices=[("", _("Tous")), ("bastos", "Bastos"), ("mokolo", "Mokolo")], required=False
    )
    sort = forms.ChoiceField(label=_("Trier par"), choices=[("new", _("Plus récents")), ("votes", _("Plus soutenus"))])


class SampleReportForm(forms.Form):
    """What a bound form with errors looks like."""

    email = forms.EmailField(label=_("Adresse e-mail"), help_text=_("Pour suivre la réparation. Jamais publiée."))
    description = forms.CharField(label=_("Précisions"), widget=forms.Textarea(attrs={"rows": 4}), required=False)
    kind = forms.ChoiceField(
        label=_("Depuis quand ?"),
        choices=[("today", _("Aujourd’hui")), ("week", _("Cette semaine"))],
        widget=forms.RadioSelect,
    )
    rules = forms.BooleanField(label=_("J’ai lu les règles"))


class SampleSignIn(forms.Form):
    """The fields of the sign-in form."""

    username = forms.EmailField(label=_("Adresse e-mail"))
    password = forms.CharField(label=_("Mot de passe"), widget=forms.PasswordInput)


def drawing(hole: str) -> str:
    """Return a drawn street as an address that needs no file; `hole` is the colour of what is in the road."""
    shapes = (
        '<rect width="640" height="480" fill="#b9d3e0"/><path d="M0 150 90 90l90 60 110-80 120 80 100-60 130 60v60H0z" '
        'fill="#7f9d84"/>'
        '<path d="M0 190h640v290H0z" fill="#b5683f"/><path d="M270 190h100l230 290H40z" fill="#9aa09b"/>'
        '<path d="M316 200h8l6 50h-20zm-10 80h28l8 60h-44zm-16 100h60l12 90h-84z" fill="#f3f1ea"/>'
        f'<ellipse cx="230" cy="400" rx="110" ry="34" fill="{hole}"/>'
    )
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 480" width="640" height="480">{shapes}</svg>'
    return f"data:image/svg+xml,{quote(svg)}"


def photo(*, status: str = "ready", kind: str = "problem") -> Sample:
    """Return what the templates ask of a Photo."""
    url = drawing(BROKEN if kind == "problem" else REPAIRED)
    return {
        "key": f"{status}-{kind}",
        "kind": kind,
        "status": status,
        "is_ready": status == "ready",
        "is_shown": status != "refused",
        "urls": {"320": url},
        "srcset": f"{url} 320w",
    }


def report(position: int, *, photos: list[Sample] | None = None) -> Sample:
    """Return what the templates ask of a Report, different for each position."""
    address, quarter = PLACES[position % len(PLACES)]
    return {
        "ref": f"K7M-4Q{'XYACDEF'[position % 7]}",
        "status": STATUSES[position % len(STATUSES)],
        "category": CATEGORIES[position % len(CATEGORIES)],
        "address": address,
        "quarter": {"name": quarter},
        "votes": position * 7,
        "received_at": timezone.now() - timedelta(days=position * position, hours=3),
        "photos": {"all": photos or []},
    }


def events(now: datetime) -> list[Event]:
    """Return a life of a report, newest first."""
    works = {"actor_role": "operator", "actor_name": "Communauté urbaine, voirie"}
    team = {"actor_role": "moderator", "actor_name": "Équipe de modération"}
    told: list[Sample] = [
        {"kind": "photo_added", **works, "data": {"kind": "proof", "count": 1}},
        {
            "kind": "status_changed",
            **works,
            "data": {"from": "in_progress", "to": "resolved", "note": "Trou comblé, enrobé à froid. Merci !"},
        },
        {"kind": "reply", **works, "data": {"text": "Une équipe passe jeudi matin. La rue restera ouverte."}},
        {"kind": "status_changed", **works, "data": {"from": "open", "to": "in_progress"}},
        {"kind": "assigned", **team, "data": {"organisation": "Communauté urbaine, voirie"}},
        {"kind": "status_changed", **team, "data": {"from": "pending", "to": "open"}},
        {"kind": "created", "actor_role": "reporter", "actor_name": "", "data": {}},
    ]
    return [Event(**event, pk=number, at=now - timedelta(days=number * 2)) for number, event in enumerate(told)]


def comments(now: datetime) -> list[Sample]:
    """Return what is said about a report: an organisation, somebody by name with a photo, somebody without."""
    said: list[Sample] = [
        {
            "text": "Une équipe passe jeudi. Le plan : https://mairie.example/travaux",
            "has_links": True,
            "organisation": {"name": "Communauté urbaine, voirie"},
        },
        {"text": "C’est encore plus large ce matin.", "public_name": "Awa Ngo", "photo": photo(), "edited_at": now},
        {"text": "Merci de passer\navant la pluie.", "photo": photo(status="processing")},
    ]
    return [
        {"has_links": False, **comment, "pk": number, "language": "fr", "created_at": now - timedelta(hours=number * 5)}
        for number, comment in enumerate(said)
    ]


def gallery(request: HttpRequest) -> HttpResponse:
    """Show them all; both themes come from the browser."""
    wrong = SampleReportForm({"email": "amina@", "description": "Devant l’école."})
    ready, proof, waiting = photo(), photo(kind="proof"), photo(status="processing")
    context = {
        "statuses": STATUSES,
        "timings": TIMINGS,
        "reports": [report(1, photos=[ready]), report(2), report(3, photos=[waiting]), report(4, photos=[ready])],
        "sample": report(3, photos=[ready]),
        "ready": ready,
        "proof": proof,
        "waiting": waiting,
        "photos": [ready, waiting, ready],
        "categories": CATEGORIES,
        "filters": SampleForm({"sort": "new"}),
        "fields": SampleReportForm(),
        "wrong": wrong,
        "sign_in": SampleSignIn(),
        "notices": [Message(constants.SUCCESS, str(_("Votre mot de passe est changé.")))],
        "events": events(timezone.now()),
        "comments": comments(timezone.now()),
        "followed": {"report": {**report(1), "title": "Nid-de-poule, Bastos", "is_public": True}},
        "area": {"area_name": "Nid-de-poule, à moins de 1 km d’un lieu de Bastos", "area_query": "", "radius_m": 1000},
        "leaving": {"erase_after": timezone.now() + timedelta(days=14)},
        **links(),
        **words(),
    }
    return render(request, "gallery.html", context)


def links() -> Sample:
    """Return the samples of navigation."""
    statuses = [("Tous", ""), ("Signalé", "open"), ("En cours", "in_progress"), ("Résolu", "resolved")]
    return {
        "options": [
            {"label": label, "url": "#puces", "status": status, "current": not status, "count": 12 * number}
            for number, (label, status) in enumerate(statuses, start=1)
        ],
        "chosen": [{"label": "Bastos", "url": "#filtres"}, {"label": "Nid-de-poule", "url": "#filtres"}],
        "crumbs": [{"label": "Accueil", "url": "/"}, {"label": "Quartiers", "url": "/quartiers/"}],
        "quarters": [
            {"name": name, "slug": name.lower(), "town": {"slug": "yaounde"}, "open_reports": number}
            for number, name in enumerate(["Bastos", "Mokolo", "Mvog-Ada", "Nlongkak", "Essos"])
        ],
    }


def words() -> Sample:
    """Return the samples of figures, steps and lists."""
    return {
        "figures": [
            {"value": 148, "label": "signalements ouverts"},
            {"value": 37, "label": "réparations en cours"},
            {"value": 212, "label": "problèmes résolus en 30 jours"},
            {"value": "9 j", "label": "délai moyen de réparation"},
        ],
        "step_names": ["Photo", "Quoi", "Où", "Vérifier"],
        "how": [
            {"title": "Prenez une photo", "words": "Ou décrivez sans photo : rien n’est obligatoire."},
            {"title": "Dites où", "words": "La carte vous trouve, ou vous écrivez un repère."},
            {"title": "Suivez la réparation", "words": "Chaque étape est publique, avec qui fait quoi."},
        ],
        "answers": [
            {"name": "category", "term": "Problème", "words": "Nid-de-poule", "href": "#choix"},
            {"name": "place", "term": "Lieu", "words": "Bastos, face à la pharmacie", "href": "#choix"},
        ],
        "facts": [
            {"term": "Numéro", "words": "K7M-4QX"},
            {"term": "Quartier", "words": "Bastos"},
            {"term": "Pris en charge par", "words": "Communauté urbaine, voirie"},
        ],
        "columns": ["Quartier", "Ouverts", "Résolus", "Jours"],
        "rows": [["Bastos", 12, 48, 6], ["Mokolo", 31, 22, 14]],
    }
