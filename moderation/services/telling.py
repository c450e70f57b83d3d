"""Mails that this app asks for, through whoever tells people in this installation (`settings.TELL`)."""

from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from accounts.models import User


def tell(
    *,
    key: str,
    template: str,
    data: dict[str, Any],
    language: str = "fr",
    user: User | None = None,
    email: str = "",
) -> None:
    """Have one mail sent after the commit of the caller's transaction; none where the app that sends is left out.

    key       what it is about and to whom, e.g. `question:12`: the second mail of a key is none
    template  its name in `templates/emails/`
    data      what the templates see as `data`: JSON, no address of a person; links are paths, `portal` is theirs
    """
    if settings.TELL:
        import_string(settings.TELL)(key=key, template=template, data=data, language=language, user=user, email=email)
