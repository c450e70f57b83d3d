"""What the back office knows about a person: what they reported about others."""

from accounts.models import User
from accounts.services.data import PersonalData, rows
from moderation.models import Appeal, Claim, Decision, Flag, ListExport, Question, Referral, SavedFilter, Statement
from reports.models.community import new_token

EXPORTED = {"moderation.Flag.user": "flags", "moderation.Statement.user": "decisions"}
NOT_EXPORTED: dict[str, str] = {
    "moderation.Statement.decided_by": "what somebody decided as a member of the staff, about somebody else",
    "moderation.Appeal.decided_by": "as above",
    "moderation.ListExport.owner": "a working list of staff, gone two days later; the record keeps that it was taken",
    "moderation.SavedFilter.owner": "a filter of the back office's list, which says nothing about the person",
    "moderation.Claim.person": "which report a moderator has open just now; three minutes later it says nothing",
    "moderation.Decision.person": "the event of the decision says the same, and more",
    "moderation.Question.asker": "the event of the question says the same",
    "moderation.Referral.sender": "the event of the referral says the same",
}
STAYS: dict[str, str] = {}


def export(user: User) -> PersonalData:
    """Return what the person pointed out to the moderators, and what was decided about what they sent."""
    found = Flag.objects.filter(user=user)
    names = ("report__ref", "comment__report__ref", "photo__report__ref", "reason", "words", "created_at", "settled_at")
    decided = Statement.objects.filter(user=user)
    about = ("what", "report__ref", "rule", "facts", "created_at", "lifted_at", "appeal__words", "appeal__answer")
    return PersonalData(name="alertes", records={"flags": rows(found, *names), "decisions": rows(decided, *about)})


def erase(user: User) -> None:
    """Keep each complaint, which is about somebody else, without its words and without whose it was."""
    for flag in Flag.objects.filter(user=user):
        Flag.objects.filter(pk=flag.pk).update(user=None, device=new_token(), words="")
    # A decision stays, without the words that may say whom it was about.
    Appeal.objects.filter(statement__user=user).update(words="", answer="")
    Statement.objects.filter(user=user).update(user=None, facts="")
    Statement.objects.filter(decided_by=user).update(decided_by=None)
    Appeal.objects.filter(decided_by=user).update(decided_by=None)
    Claim.objects.filter(person=user).delete()
    ListExport.objects.filter(owner=user).delete()
    SavedFilter.objects.filter(owner=user).delete()
    Decision.objects.filter(person=user).update(person=None)
    Question.objects.filter(asker=user).update(asker=None)
    Referral.objects.filter(sender=user).update(sender=None)
