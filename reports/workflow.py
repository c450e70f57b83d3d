"""The life of a report, as data. Imports nothing, so that anybody may read it from anywhere.

A change is allowed when the pair (from, to) stands in TRANSITIONS and the actor holds one of its roles for this report:
`reporter` is whoever made it, `moderator` judges the place, `operator` works for the organisation in charge.
"""

PENDING = "pending"
OPEN = "open"
IN_PROGRESS = "in_progress"
RESOLVED = "resolved"
REJECTED = "rejected"
DUPLICATE = "duplicate"
WITHDRAWN = "withdrawn"

STATUSES = (PENDING, OPEN, IN_PROGRESS, RESOLVED, REJECTED, DUPLICATE, WITHDRAWN)
PUBLIC = (OPEN, IN_PROGRESS, RESOLVED)
UNRESOLVED = (OPEN, IN_PROGRESS)

REPORTER = "reporter"
MODERATOR = "moderator"
OPERATOR = "operator"
ADMINISTRATOR = "administrator"
ROLES = (REPORTER, MODERATOR, OPERATOR, ADMINISTRATOR)

REOPEN_DAYS = 30

JUDGES = frozenset({MODERATOR, ADMINISTRATOR})
HANDLERS = frozenset({OPERATOR, MODERATOR, ADMINISTRATOR})

TRANSITIONS: dict[tuple[str, str], frozenset[str]] = {
    (PENDING, OPEN): JUDGES,
    (PENDING, REJECTED): JUDGES,
    (PENDING, DUPLICATE): JUDGES,
    (PENDING, WITHDRAWN): frozenset({REPORTER}),
    (OPEN, IN_PROGRESS): HANDLERS,
    (OPEN, RESOLVED): HANDLERS,
    (OPEN, REJECTED): HANDLERS,
    (OPEN, DUPLICATE): HANDLERS,
    (OPEN, WITHDRAWN): frozenset({REPORTER}),
    (IN_PROGRESS, OPEN): HANDLERS,
    (IN_PROGRESS, RESOLVED): HANDLERS,
    (IN_PROGRESS, REJECTED): HANDLERS,
    (IN_PROGRESS, DUPLICATE): HANDLERS,
    (RESOLVED, OPEN): JUDGES | {REPORTER},
    (REJECTED, OPEN): JUDGES,
    (DUPLICATE, OPEN): JUDGES,
}

# A public report is taken from view and waits for a moderator again: by whoever judges the place, or by as many alerts
# of neighbours as it takes. Accepted, it gets back the status it had, with its dates.
HOLDS: dict[tuple[str, str], frozenset[str]] = {(status, PENDING): JUDGES for status in PUBLIC}

# Changes that nobody understands without a word of explanation.
NEEDS_NOTE = frozenset(
    pair
    for pair in TRANSITIONS
    if pair[1] == REJECTED or pair in {(RESOLVED, OPEN), (REJECTED, OPEN), (DUPLICATE, OPEN)}
)
# "Resolved" wants words or a picture that prove it.
NEEDS_NOTE_OR_PROOF = frozenset(pair for pair in TRANSITIONS if pair[1] == RESOLVED)
NEEDS_ORIGINAL = frozenset(pair for pair in TRANSITIONS if pair[1] == DUPLICATE)


def is_allowed(current: str, to: str, roles: frozenset[str]) -> bool:
    """Say whether somebody with `roles` for this report may move it from `current` to `to`."""
    return bool(TRANSITIONS.get((current, to), frozenset()) & roles)


def next_statuses(current: str, roles: frozenset[str]) -> list[str]:
    """Return the statuses that somebody with `roles` may choose now, in the order of STATUSES."""
    return [to for to in STATUSES if is_allowed(current, to, roles)]
