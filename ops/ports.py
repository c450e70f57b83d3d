"""Loopback ports: free ones for private services, and the one that a person asked for."""

import errno
import socket

from ops.refusal import Refusal

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """Return a port on which nothing listens now; use it at once."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def require_free(port: int) -> None:
    """Raise `Refusal` unless this process could listen on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            reason = "needs root" if error.errno == errno.EACCES else "is already in use by another program"
            message = f"Port {port} {reason}: stop that, or choose another port, for example PORT=8100 make run."
            raise Refusal(message) from error


def answers(port: int) -> bool:
    """Tell whether something accepts connections on the port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((LOOPBACK, port)) == 0
