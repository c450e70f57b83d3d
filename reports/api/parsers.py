"""Reading bodies from strangers: bounded, strict, and never an error of ours."""

import json
from collections.abc import Mapping
from typing import IO, Any

from django.core.exceptions import RequestDataTooBig
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.parsers import DataAndFiles as FormData

MAX_JSON_BYTES = 256 * 1024


def refuse_constant(name: str) -> float:
    """Refuse `NaN` and `Infinity`, which JSON does not have."""
    raise ValueError(name)


class JsonObjectParser(BaseParser):
    """One JSON object of at most MAX_JSON_BYTES, however deep somebody nests it."""

    media_type = "application/json"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Return the object.

        Raises:
            ParseError: it is not JSON, or not an object.
            RequestDataTooBig: it is longer than allowed.
        """
        body = stream.read(MAX_JSON_BYTES + 1)
        if len(body) > MAX_JSON_BYTES:
            raise RequestDataTooBig
        try:
            data = json.loads(body.decode(), parse_constant=refuse_constant)
        except (ValueError, RecursionError):
            raise ParseError(_("Le contenu n’est pas du JSON en UTF-8.")) from None
        if not isinstance(data, dict):
            raise ParseError(_("Le contenu doit être un objet JSON, entre accolades."))
        return data


class FormParser(MultiPartParser):
    """`multipart/form-data`, with files."""

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> "FormData[Any, Any]":
        """Return the fields and files.

        Raises:
            ParseError: the parts cannot be told apart.
        """
        try:
            return super().parse(stream, media_type, parser_context)
        except (ValueError, LookupError):
            # An unknown charset, a boundary that is not ASCII, a length that is no number.
            raise ParseError(_("Le contenu n’est pas un formulaire multipart lisible.")) from None
