"""The sentences of the report flow's script: it holds no words of its own, the page hands them over as JSON."""

from django.utils.translation import gettext_lazy as _

STEPS = [_("Photo"), _("Problème"), _("Lieu"), _("Vérifier")]

# What the last step shows, and the step that changes it.
ANSWERS = [
    {"name": "photo", "term": _("Photos"), "words": "", "href": "#titre-photo"},
    {"name": "what", "term": _("Problème"), "words": "", "href": "#titre-what"},
    {"name": "where", "term": _("Lieu"), "words": "", "href": "#titre-where"},
]

TEXTS = {
    "no_photo": _("Sans photo"),
    "one_photo": _("1 photo"),
    "many_photos": _("{n} photos"),
    "too_many": _("Trois photos au plus : les premières sont gardées."),
    "preparing": _("Préparation de la photo…"),
    "photo_time": _("Indiquer la date de la photo : {date}"),
    "missing_category": _("Choisissez le problème que vous voyez."),
    "missing_quarter": _("Choisissez un quartier."),
    "missing_address": _("Ajoutez un repère, pour que l’équipe trouve l’endroit."),
    "locating": _("Recherche de votre position…"),
    "move_map": _("Déplacez la carte jusqu’au problème, puis touchez « C’est ici »."),
    "vague": _("Votre position est connue à {metres} m près : déplacez la carte pour placer le repère."),
    "denied": _("Votre position n’est pas partagée : déplacez la carte, ou indiquez le lieu sans elle."),
    "not_found": _("Votre position est introuvable : déplacez la carte, ou indiquez le lieu sans elle."),
    "no_map": _("La carte n’a pas pu se charger. Indiquez le quartier et un repère."),
    "at": _("Lieu : {place}"),
    "checking": _("Un instant…"),
    "sending": _("Envoi en cours…"),
    "no_network": _(
        "Pas de réseau. Rien n’est perdu : vos réponses et vos photos restent ici. Réessayez quand le réseau revient."
    ),
    "server_error": _("Le service ne répond pas comme prévu. Rien n’est perdu : réessayez dans un instant."),
    "error_prefix": _("Erreur :"),
}
