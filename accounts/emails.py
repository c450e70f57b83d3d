"""The mails about people's own data: one named function and three templates each (subject, text, HTML)."""

from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from accounts.mail_server import patience
from accounts.models import DataExport, User


def send(name: str, *, to: User, context: dict[str, Any]) -> None:
    """Send the mail `templates/emails/<name>.{subject.txt,txt,html}` in the person's language, to their address.

    Raises:
        OSError: the mail server could not be reached or refused; worth another try.
    """
    with translation.override(to.language):
        words = {**context, "page": settings.PUBLIC_URL + reverse("my-data")}
        subject = " ".join(render_to_string(f"emails/{name}.subject.txt", words).split())
        mail = EmailMultiAlternatives(subject, render_to_string(f"emails/{name}.txt", words), to=[to.email])
        mail.attach_alternative(render_to_string(f"emails/{name}.html", words), "text/html")
        with patience():
            mail.send()


def export_ready(*, export: DataExport) -> None:
    """Say that a copy is ready, where, and until when."""
    with translation.override(export.user.language):
        link = settings.PUBLIC_URL + reverse("my-data-copy", args=[export.token])
    send("export_ready", to=export.user, context={"export": export, "link": link})


def erasure_asked(*, user: User) -> None:
    """Say on which day an account will be erased and how to change one's mind."""
    send("erasure_asked", to=user, context={"erase_after": user.erase_after, "name": user.name})
