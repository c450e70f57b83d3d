"""How pressing a report is: one number from the danger of its category and the support of neighbours.

    priority = 100 × urgency + 50 × log2(1 + votes), rounded

`urgency` is the category's, 0 (can wait) to 3 (danger); `votes` are all supports, with or without an account. Each
doubling of the support weighs half a step of urgency: 3 supports lift a report by one step, 63 by three. So a crowd can
carry a small thing past a serious one that nobody supports, but the hundredth support weighs less than the second.

The same formula twice: `score` for a report that is being made, `expression` for the UPDATE that also counts a vote.
"""

import math

from django.db.models import F, PositiveSmallIntegerField
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Ln, Round

URGENCY_STEP = 100
DOUBLING_STEP = 50


def score(*, urgency: int, votes: int) -> int:
    """Return the priority; 0 for what can wait and nobody supports."""
    return URGENCY_STEP * urgency + round(DOUBLING_STEP * math.log2(1 + votes))


def expression(*, urgency: Combinable, votes: F | Combinable) -> Cast:
    """Return the same in SQL, from two integer expressions."""
    support = Round(Ln(votes + 1) * (DOUBLING_STEP / math.log(2)))
    return Cast(support + urgency * URGENCY_STEP, PositiveSmallIntegerField())
