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

# What a message is about, by the name of its templates in `templates/emails/`: one word or two for a list.
MESSAGES: dict[str, Promise] = {
    "report_progress": _("Avancement d’un signalement"),
    "report_comment": _("Commentaire"),
    "area_new_report": _("Nouveau dans une zone"),
    "confirm_follow": _("Confirmation d’un suivi"),
    "confirm_area": _("Confirmation d’une zone"),
    "question": _("Question à l’auteur"),
    "question_reminder": _("Rappel d’une question"),
    "referral": _("Transmission à un tiers"),
    "statement": _("Motif d’une décision"),
    "appeal_answer": _("Réponse à un recours"),
    "staff_assigned": _("À réparer"),
    "staff_reopened": _("Rouvert par son auteur"),
    "staff_task": _("Confié à quelqu’un"),
    "staff_link_answered": _("Réponse à un lien"),
    "escalation": _("Retard à signaler"),
    "digest": _("Récapitulatif"),
    "staff_digest": _("Récapitulatif de l’équipe"),
    "export_ready": _("Copie de données prête"),
    "erasure_asked": _("Effacement demandé"),
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
