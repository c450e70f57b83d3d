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

# The same on the moderator's buttons.
REASON_LABELS: dict[str, str | Promise] = {
    "unclear": _("Pas reconnaissable"),
    "private": _("Terrain privé"),
    "repaired": _("Déjà réparé"),
    "elsewhere": _("Pas du ressort de la ville"),
    "person": _("Vise une personne"),
    "abuse": _("Contraire aux règles"),
    "urgent": _("Urgence"),
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

# The rule that a decision rests on, as the person concerned reads it; the codes are those of an alert's reason.
RULES: dict[str, str | Promise] = {
    "personal": _("Pas de données personnelles : ni nom, ni numéro, ni visage, ni plaque."),
    "insult": _("Pas d’injure, de menace ni de haine."),
    "spam": _("Pas de publicité ni d’arnaque."),
    "false": _("Des faits vrais, en rapport avec l’espace public."),
    "other": _("Les règles de participation du portail."),
}

# The rule behind a reason for which a comment goes.
RULE_OF_REASON = {"personal": "personal", "insult": "insult", "spam": "spam", "unrelated": "false"}
# What was decided, as the title of its statement and the subject of its mail; by the codes of `Statement.What`.
DECIDED: dict[str, str | Promise] = {
    "report_held": _("Votre signalement n’est plus visible pour l’instant"),
    "report_rejected": _("Votre signalement n’est pas retenu"),
    "comment_held": _("Votre commentaire n’est plus visible pour l’instant"),
    "comment_removed": _("Votre commentaire est retiré"),
    "photo_hidden": _("Votre photo n’est plus visible"),
    "banned": _("Votre participation est suspendue"),
}
# What it means for whoever reads it.
MEANS: dict[str, str | Promise] = {
    "report_held": _("Une personne de l’équipe le relit. Il paraîtra de nouveau s’il respecte les règles."),
    "report_rejected": _("Il n’est pas montré, et ne sera pas traité."),
    "comment_held": _("Une personne de l’équipe le relit. Il paraîtra de nouveau s’il respecte les règles."),
    "comment_removed": _("Personne d’autre ne peut plus le lire."),
    "photo_hidden": _("Le reste de votre envoi ne change pas."),
    "banned": _(
        "Jusque-là, vous ne pouvez ni signaler, ni commenter, ni soutenir, ni suivre, ni alerter. "
        "Vous pouvez lire, et vous connecter."
    ),
}
# By whom, as the role that the log names; empty for the portal itself.
DECIDERS: dict[str, str | Promise] = {
    "moderator": _("une personne de la modération"),
    "administrator": _("l’administration du portail"),
    "operator": _("l’organisme responsable"),
    "": _("le portail lui-même, après plusieurs alertes de voisins ; personne de l’équipe n’a encore jugé"),
}

NOT_FOUND = _("Aucun signalement ne porte le numéro « %(ref)s ». Vérifiez les six caractères, par exemple K7M-4QX.")
TOO_LONG = _("Un motif de refus a au plus %(limit)d caractères ; le vôtre en a %(length)d.")
UNKNOWN_STATUS = _("Cette page est trop ancienne. Relisez le signalement, puis recommencez.")

# What an outside party says about a report that was passed on to them.
REFERRAL_ANSWERS: dict[str, str | Promise] = {
    "taken": _("Nous nous en occupons"),
    "done": _("C’est réparé"),
    "refused": _("Ce n’est pas à nous de le faire"),
}

# What a rule of routing is about: does it name a category, does it name a quarter?
RULE_ABOUT: dict[tuple[bool, bool], Promise] = {
    (True, True): _("%(category)s à %(quarter)s"),
    (True, False): _("%(category)s, dans toute la ville"),
    (False, True): _("toutes les catégories à %(quarter)s"),
    (False, False): _("toutes les catégories, dans toute la ville"),
}

# What the record keeps besides, by the names under which it keeps it; the columns of a table have names of their own.
RECORD_FACTS: dict[str, Promise] = {
    "event": _("Numéro dans l’historique"),
    "kind": _("Acte"),
    "outcome": _("Issue"),
    "name": _("Nom"),
    "role": _("Rôle"),
    "town": _("Ville"),
    "quarter": _("Quartier"),
    "organisation": _("Organisme"),
    "ban": _("Numéro de la suspension"),
    "until": _("Jusqu’au"),
    "of": _("Vise"),
    "export": _("Numéro de la copie"),
    "comments": _("Commentaires compris"),
    "photo": _("Photo"),
    "revision": _("Version de la photo"),
    "delivery": _("Numéro de l’envoi"),
    "family": _("Numéro de la connexion"),
    "subject": _("Liste"),
    "format": _("Format"),
    "rows": _("Lignes"),
    "query": _("Filtre"),
    "added": _("ajouté"),
    "changed": _("modifié"),
    "deleted": _("supprimé"),
}
# An event that ends a question or a referral instead of answering it or passing it on, by its kind and outcome.
RECORD_ENDS: dict[tuple[str, str], Promise] = {
    ("answered", "withdrawn"): _("Question retirée"),
    ("answered", "expired"): _("Question restée sans réponse"),
    ("answered", "closed"): _("Question close"),
    ("referred", "withdrawn"): _("Transmission retirée"),
    ("referred", "closed"): _("Transmission close"),
}
# The same in a word, among the details.
RECORD_OUTCOMES: dict[str, Promise] = {
    "answered": _("répondue"),
    "withdrawn": _("retirée par l’équipe"),
    "expired": _("restée sans réponse"),
    "closed": _("close avec le signalement"),
}
# Whom a suspension is about.
BANNED_WHAT: dict[str, Promise] = {"person": _("une personne"), "device": _("un appareil")}
