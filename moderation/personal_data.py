"""What the back office knows about a person: what they reported about others."""

from accounts.models import User
from accounts.services.data import PersonalData, rows
from moderation.models import Flag
from reports.models.community import new_token

EXPORTED = {"moderation.Flag.user": "flags"}
NOT_EXPORTED: dict[str, str] = {}
STAYS: dict[str, str] = {}


def export(user: User) -> PersonalData:
    """Return what the person pointed out to the moderators."""
    found = Flag.objects.filter(user=user)
    names = ("report__ref", "comment__report__ref", "reason", "words", "created_at", "settled_at")
    return PersonalData(name="alertes", records={"flags": rows(found, *names)})


def erase(user: User) -> None:
    """Keep each complaint, which is about somebody else, without its words and without whose it was."""
    for flag in Flag.objects.filter(user=user):
        Flag.objects.filter(pk=flag.pk).update(user=None, device=new_token(), words="")
