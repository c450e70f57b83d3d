"""What the buttons say and what a decision may be explained with, as data."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from reports import workflow

# The button of each change; the same target reads differently depending on where the report comes from.
ACTIONS: dict[tuple[str, str], str | Promise] = {
    (workflow.PENDING, workflow.OPEN): _("Accepter et publier"),
    (workflow.PENDING, workflow.REJECTED): _("Refuser"),
    (workflow.PENDING, workflow.DUPLICATE): _("Marquer comme doublon"),
    (workflow.PENDING, workflow.WITHDRAWN): _("Retirer mon signalement"),
    (workflow.OPEN, workflow.IN_PROGRESS): _("Prendre en charge"),
    (workflow.OPEN, workflow.RESOLVED): _("Marquer comme résolu"),
    (workflow.OPEN, workflow.REJECTED): _("Ne pas retenir"),
    (workflow.OPEN, workflow.DUPLICATE): _("Marquer comme doublon"),
    (workflow.OPEN, workflow.WITHDRAWN): _("Retirer mon signalement"),
    (workflow.IN_PROGRESS, workflow.OPEN): _("Remettre en attente"),
    (workflow.IN_PROGRESS, workflow.RESOLVED): _("Marquer comme résolu"),
    (workflow.IN_PROGRESS, workflow.REJECTED): _("Ne pas retenir"),
    (workflow.IN_PROGRESS, workflow.DUPLICATE): _("Marquer comme doublon"),
    (workflow.RESOLVED, workflow.OPEN): _("Rouvrir"),
    (workflow.REJECTED, workflow.OPEN): _("Rouvrir"),
    (workflow.DUPLICATE, workflow.OPEN): _("Rouvrir"),
}

# The way of a report that is a real problem: what is offered first, in one tap where nothing must be explained.
NEXT = {
    workflow.PENDING: workflow.OPEN,
    workflow.OPEN: workflow.IN_PROGRESS,
    workflow.IN_PROGRESS: workflow.RESOLVED,
}

# One sentence each, addressed to the author and shown to them; the moderator may add their own words.
REASONS: dict[str, str | Promise] = {
    "unclear": _("Le problème ou le lieu n’est pas reconnaissable : ajoutez une photo ou un repère."),
    "private": _("Le problème se trouve sur un terrain privé."),
    "repaired": _("Le problème est déjà réparé."),
    "elsewhere": _("Ce problème ne relève pas de la ville ni de ses partenaires."),
    "person": _("Le signalement vise une personne ou montre des données personnelles."),
    "abuse": _("Les mots ou la photo ne respectent pas les règles du site."),
    "urgent": _("Il s’agit d’une urgence : appelez les secours."),
}

# Why a comment goes; addressed to its author, who reads it on the comment's page.
COMMENT_REASONS: dict[str, str | Promise] = {
    "personal": _("Il montre des données personnelles : un nom, un numéro, une adresse."),
    "insult": _("Il insulte, menace ou rabaisse quelqu’un."),
    "spam": _("C’est de la publicité ou une arnaque."),
    "unrelated": _("Il est sans rapport avec ce signalement."),
}
# The same on the moderator's buttons.
COMMENT_REASON_LABELS: dict[str, str | Promise] = {
    "personal": _("Données personnelles"),
    "insult": _("Injure ou menace"),
    "spam": _("Publicité, arnaque"),
    "unrelated": _("Sans rapport"),
}

NOT_FOUND = _("Aucun signalement ne porte le numéro « %(ref)s ». Vérifiez les six caractères, par exemple K7M-4QX.")
TOO_LONG = _("Un motif de refus a au plus %(limit)d caractères ; le vôtre en a %(length)d.")
UNKNOWN_STATUS = _("Cette page est trop ancienne. Relisez le signalement, puis recommencez.")
