"""What happened to a report, in a few words: for a digest's line and a notification's text."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from reports import workflow

BY_STATUS: dict[str, str | Promise] = {
    workflow.OPEN: _("Signalement rouvert"),
    workflow.IN_PROGRESS: _("Réparation en cours"),
    workflow.RESOLVED: _("Problème résolu"),
    workflow.REJECTED: _("Signalement non retenu"),
    workflow.DUPLICATE: _("Déjà signalé : les soutiens rejoignent le premier signalement"),
    workflow.WITHDRAWN: _("Signalement retiré par son auteur"),
}
BY_KIND: dict[str, str | Promise] = {
    "reply": _("Réponse"),
    "commented": _("Nouveau commentaire"),
    "confirmed": _("Réparation confirmée"),
    "merged": _("Doublon réuni"),
    "unmerged": _("Signalement suivi à part"),
    "undone": _("Décision annulée"),
    "created": _("Nouveau signalement"),
}


def headline(kind: str, data: dict[str, Any]) -> str:
    """Return the event in a few words of the active language."""
    if kind == "assigned" and data.get("organisation"):
        return gettext("Pris en charge par %(name)s") % {"name": data["organisation"]}
    if kind != "status_changed":
        return str(BY_KIND.get(kind, gettext("Du nouveau")))
    if data.get("held_from") and data.get("to") in workflow.PUBLIC:
        return gettext("Signalement réexaminé, de nouveau visible")
    if data.get("from") == workflow.PENDING and data.get("to") == workflow.OPEN:
        return gettext("Signalement vérifié et publié")
    if data.get("from") == workflow.IN_PROGRESS and data.get("to") == workflow.OPEN:
        return gettext("La réparation attend de nouveau")
    return str(BY_STATUS.get(data.get("to", ""), gettext("Du nouveau")))
