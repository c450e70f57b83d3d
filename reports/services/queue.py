"""Handing work to the worker once the request's own work is safe."""

import logging
import time
from typing import Any

from celery import Task
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

# A broker that hangs costs seconds for each task; a request that queues several must pay that once.
PAUSE_SECONDS = 10.0


class Broker:
    """What this process last saw of the broker."""

    away_until = 0.0


def after_commit(task: "Task[[int], Any]", row_id: int) -> None:
    """Queue a task on one row after the commit.

    Robust: a broker that is away is logged and must not fail a request whose work is committed. The row itself says
    what is still to be done, and the sweeps queue it again.
    """
    transaction.on_commit(lambda: enqueue(task, row_id), robust=True)


def enqueue(task: "Task[[int], Any]", row_id: int) -> None:
    """Queue a task now, unless the broker was away a moment ago: then the sweep does."""
    if time.monotonic() < Broker.away_until:
        logger.warning("%s of %s is left to the sweep", task.name, row_id)
        return
    try:
        task.delay(row_id)
    except (OperationalError, OSError):
        Broker.away_until = time.monotonic() + PAUSE_SECONDS
        raise
