"""What judging and handling keep beside the domain's own rows."""

from moderation.models.appeal import Appeal
from moderation.models.claim import Claim
from moderation.models.decision import Decision
from moderation.models.export import ListExport, SavedFilter
from moderation.models.flag import Flag
from moderation.models.question import Question
from moderation.models.referral import Referral
from moderation.models.screening import BlockedTerm, OpeningRule
from moderation.models.statement import Statement
from moderation.models.template import ResponseTemplate

__all__ = [
    "Appeal",
    "BlockedTerm",
    "Claim",
    "Decision",
    "Flag",
    "ListExport",
    "OpeningRule",
    "Question",
    "Referral",
    "ResponseTemplate",
    "SavedFilter",
    "Statement",
]
