"""What may stand in an address: anything else is not found before a view or the database sees it."""

from django.urls import register_converter

from reports.filters import canonical_ref


class RefConverter:
    """A report's number, in any case, with or without its hyphen."""

    regex = "[0-9A-Za-z]{3}-?[0-9A-Za-z]{3}"

    def to_python(self, value: str) -> str:
        """Return it as it is stored."""
        ref = canonical_ref(value)
        if ref is None:
            raise ValueError(value)
        return ref

    def to_url(self, value: str) -> str:
        """Return it as it is written."""
        return value


class TokenConverter:
    """The random part of a private address."""

    regex = "[0-9A-Za-z_-]{16,32}"

    def to_python(self, value: str) -> str:
        """Return it unchanged."""
        return value

    def to_url(self, value: str) -> str:
        """Return it unchanged."""
        return value


register_converter(RefConverter, "report_ref")
register_converter(TokenConverter, "token")
