"""What staff types, a module for each kind of thing. Services decide; forms only read."""

from moderation.forms.alerts import FlagForm, JudgementForm
from moderation.forms.base import PersonForm
from moderation.forms.change import ChangeForm, ref_of
from moderation.forms.words import AssignForm, NoteForm, ReplyForm, WordsForm

__all__ = [
    "AssignForm",
    "ChangeForm",
    "FlagForm",
    "JudgementForm",
    "NoteForm",
    "PersonForm",
    "ReplyForm",
    "WordsForm",
    "ref_of",
]
