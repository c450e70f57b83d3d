"""Handing work to the worker once the request's own work is safe."""

from typing import Any

from celery import Task
from django.db import transaction


def after_commit(task: "Task[[int], Any]", row_id: int) -> None:
    """Queue a task on one row after the commit.

    Robust: a broker that is away is logged and must not fail a request whose work is committed. The row itself says
    what is still to be done, and the sweeps queue it again.
    """
    transaction.on_commit(lambda: task.delay(row_id), robust=True)
