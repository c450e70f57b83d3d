"""From where something is being done: the door, and for those who work here the part of the network.

Set for the time of a request; the record reads it (`accounts.services.audit`), so that no service has to hand it on.
"""

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace

# An address is shortened to the network of a provider or a town hall: enough to tell "from the office" from "from
# abroad", too little to find a household.
IPV4_PREFIX, IPV6_PREFIX = 24, 48


@dataclass(frozen=True)
class Origin:
    """Where a request acts.

    door     the pattern of its address, e.g. `admin/reports/report/<int:report_id>/contact/`: never its tokens
    address  of the network, in memory only; what may be kept of it is `network`
    """

    door: str = ""
    address: str = ""

    @property
    def network(self) -> str:
        """The network that the address lies in, e.g. `154.72.150.0/24`; empty for what is no address."""
        try:
            given = ipaddress.ip_network(self.address, strict=False)
        except ValueError:
            return ""
        prefix = IPV4_PREFIX if isinstance(given, ipaddress.IPv4Network) else IPV6_PREFIX
        return str(given.supernet(new_prefix=prefix))


_current: ContextVar[Origin] = ContextVar("origin", default=Origin())  # noqa: B039  (frozen)


def current() -> Origin:
    """Return from where the running request acts; empty in a task or a command."""
    return _current.get()


@contextmanager
def acting_from(address: str) -> Iterator[None]:
    """Let everything inside the block be done from an address of the network."""
    token = _current.set(Origin(address=address))
    try:
        yield
    finally:
        _current.reset(token)


def through(door: str) -> None:
    """Add the door, once it is known, until the surrounding `acting_from` ends."""
    _current.set(replace(_current.get(), door=door))
