"""What staff types, a module for each kind of thing. Services decide; forms only read."""

from moderation.forms.abuse import AppealAnswerForm, AppealForm, BanForm, CommentBanForm, HoldForm
from moderation.forms.alerts import FlagForm, JudgementForm, PhotoJudgementForm
from moderation.forms.base import PersonForm
from moderation.forms.change import ChangeForm, ref_of
from moderation.forms.links import AnswerForm, QuestionForm, ReferralAnswerForm, ReferralForm
from moderation.forms.masking import MaskForm
from moderation.forms.routing import AssignForm
from moderation.forms.words import NoteForm, ReplyForm, WordsForm

__all__ = [
    "AnswerForm",
    "AppealAnswerForm",
    "AppealForm",
    "AssignForm",
    "BanForm",
    "ChangeForm",
    "CommentBanForm",
    "FlagForm",
    "HoldForm",
    "JudgementForm",
    "MaskForm",
    "NoteForm",
    "PersonForm",
    "PhotoJudgementForm",
    "QuestionForm",
    "ReferralAnswerForm",
    "ReferralForm",
    "ReplyForm",
    "WordsForm",
    "ref_of",
]
