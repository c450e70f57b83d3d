"""How many deliveries wait and how many were given up, for Prometheus."""

import logging
from collections.abc import Iterable

from django.db import DatabaseError
from prometheus_client import REGISTRY
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from notifications.models import Delivery

logger = logging.getLogger(__name__)

UNSENT = (Delivery.Status.WAITING, Delivery.Status.SENDING)


class Deliveries(Collector):
    """Counts at the moment of the question, by the partial indexes: what was sent is never read.

    Every process answers the same, so a dashboard takes the maximum and not the sum.
    """

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """Name the gauges without asking the database, which may not be there when the process starts."""
        return [
            GaugeMetricFamily("fmq_deliveries_waiting", "Messages that are still to be sent"),
            GaugeMetricFamily("fmq_deliveries_dead", "Messages that were given up after the last try"),
        ]

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Count; nothing without a database, so that the other figures still come."""
        waiting, dead = self.describe()
        try:
            waiting.add_metric([], Delivery.objects.filter(status__in=UNSENT).count())
            dead.add_metric([], Delivery.objects.filter(status=Delivery.Status.DEAD).count())
        except DatabaseError:
            logger.exception("deliveries cannot be counted")
            return []
        return [waiting, dead]


COLLECTOR = Deliveries()


def register() -> None:
    """Add the gauges to /metrics, once for each process."""
    if COLLECTOR not in REGISTRY._collector_to_names:  # noqa: SLF001  (the library has no such question)
        REGISTRY.register(COLLECTOR)
