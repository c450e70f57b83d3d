"""Handing each event to whoever listens to the log (`settings.EVENT_CONSUMERS`).

A consumer is a function `consume(event_id: int) -> None` that may be called twice with the same event, or at the same
moment. The module that holds it may name the kinds it wants in `KINDS`; nothing is queued for kinds that nobody wants
(votes are many). Two ways lead there: a task right after the commit, which may be lost with the broker, and the sweep,
which follows the log itself and loses nothing.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from reports.models import ConsumerPosition, Event

logger = logging.getLogger(__name__)

SWEEP_BATCH = 500
# One sweep reads at most this many batches; the next one goes on from there.
SWEEP_BATCHES = 20


@dataclass(frozen=True)
class Consumer:
    """Who listens: its name in the settings, its function, and the kinds it wants (None: all)."""

    name: str
    consume: Callable[[int], None]
    kinds: frozenset[str] | None

    def wants(self, kind: str) -> bool:
        """Whether it listens to a kind of event."""
        return self.kinds is None or kind in self.kinds

    def told(self, event_id: int) -> bool:
        """Call it; a failure is logged and answers False, so that it stops nobody else."""
        try:
            self.consume(event_id)
        except Exception:
            logger.exception("%s failed on event %s; the sweep asks it again", self.name, event_id)
            return False
        return True


@lru_cache(maxsize=8)
def load(names: tuple[str, ...]) -> tuple[Consumer, ...]:
    """Return the consumers by their dotted names.

    Raises:
        ImportError: there is no such function.
    """
    found = []
    for name in names:
        kinds = getattr(import_module(name.rpartition(".")[0]), "KINDS", None)
        found.append(Consumer(name, import_string(name), None if kinds is None else frozenset(kinds)))
    return tuple(found)


def consumers() -> tuple[Consumer, ...]:
    """Return who listens in this installation."""
    return load(tuple(settings.EVENT_CONSUMERS))


def is_wanted(kind: str) -> bool:
    """Whether anybody listens to a kind of event."""
    return any(consumer.wants(kind) for consumer in consumers())


def dispatch(*, event_id: int) -> None:
    """Hand one event to every consumer that wants it; one that fails stops no other, and the sweep asks it again."""
    kind = Event.objects.filter(pk=event_id).values_list("kind", flat=True).first()
    if kind is None:
        logger.info("event %s is gone", event_id)
        return
    for consumer in consumers():
        if consumer.wants(kind):
            consumer.told(event_id)


def sweep_events() -> None:
    """Bring every consumer up to the end of the log, whatever the broker lost."""
    for consumer in consumers():
        sweep(consumer, position_of(consumer))


def sweep(consumer: Consumer, position: int) -> None:
    """Hand on what follows a consumer's position, and move the position as far as nothing failed.

    It stops before the first event that failed, which the next sweep tries again; what comes after is handed on all the
    same. Moved by a conditional UPDATE: of two sweeps at once, the second leaves it alone.
    """
    read, is_whole = position, True
    for _batch in range(SWEEP_BATCHES):
        following = Event.objects.settled().after(read).values_list("id", "kind")[:SWEEP_BATCH]
        reached = position
        for event_id, kind in following:
            is_done = not consumer.wants(kind) or consumer.told(event_id)
            is_whole = is_whole and is_done
            read, reached = event_id, event_id if is_whole else reached
        mine = ConsumerPosition.objects.filter(consumer=consumer.name, event_id=position)
        if reached != position and mine.update(event_id=reached, updated_at=timezone.now()):
            position = reached
        elif is_whole:
            # Nothing more to read, or somebody else sweeps.
            return
        if len(following) < SWEEP_BATCH:
            return


def position_of(consumer: Consumer) -> int:
    """Return the last event that a consumer has surely had; one that is new begins after the latest settled one."""
    last = Event.objects.settled().order_by("-xid", "-id").values_list("id", flat=True).first()
    row, _is_new = ConsumerPosition.objects.get_or_create(consumer=consumer.name, defaults={"event_id": last or 0})
    return row.event_id
