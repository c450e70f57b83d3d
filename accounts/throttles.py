"""Whose request it is, for everything that is counted."""

import ipaddress

from django.http import HttpRequest

# Whoever holds an IPv6 line holds a whole /64.
IPV6_PREFIX = 64


def address_of(request: HttpRequest) -> str:
    """Return the address that our own front saw, the last of `X-Forwarded-For`; an IPv6 address as its /64."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
    given = forwarded or request.META.get("REMOTE_ADDR", "")
    try:
        address = ipaddress.ip_address(given)
    except ValueError:
        return "unknown"
    if address.version == 6:  # noqa: PLR2004  (the protocol's number)
        return str(ipaddress.ip_network((address, IPV6_PREFIX), strict=False))
    return str(address)
