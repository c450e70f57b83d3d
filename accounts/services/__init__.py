"""Writes about people, one function per use case."""

from accounts.services.roles import grant, revoke

__all__ = ["grant", "revoke"]
