"""People, their roles, what they agreed to, and the record of who did what about them."""

from accounts.models.audit import AuditEntry
from accounts.models.ban import Ban
from accounts.models.data import Consent, DataExport
from accounts.models.person import User, UserManager
from accounts.models.role import Membership, Role
from accounts.models.token import TokenFamily

__all__ = ["AuditEntry", "Ban", "Consent", "DataExport", "Membership", "Role", "TokenFamily", "User", "UserManager"]
