"""The mails of the domain: one named function and three templates each (subject, text, HTML)."""

import logging

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from accounts.mail_server import patience
from reports.models import Follow

logger = logging.getLogger(__name__)


def send(name: str, *, to: str, language: str, context: dict[str, object]) -> None:
    """Send the mail `templates/emails/<name>.{subject.txt,txt,html}` in a language.

    Raises:
        OSError: the mail server could not be reached or refused; worth another try.
    """
    with translation.override(language):
        subject = " ".join(render_to_string(f"emails/{name}.subject.txt", context).split())
        mail = EmailMultiAlternatives(subject=subject, body=render_to_string(f"emails/{name}.txt", context), to=[to])
        mail.attach_alternative(render_to_string(f"emails/{name}.html", context), "text/html")
        with patience():
            mail.send()


def confirm_follow(*, follow_id: int) -> None:
    """Ask the owner of an address whether they want to follow a report, or an area."""
    follow = (
        Follow.objects.with_area().select_related("report__category", "report__quarter").filter(pk=follow_id).first()
    )
    if follow is None or not follow.email or follow.confirmed_at is not None:
        logger.info("follow %s needs no confirmation", follow_id)
        return
    with translation.override(follow.language):
        link = settings.PUBLIC_URL + reverse("follow-confirm", args=[follow.confirm_token])
        page = settings.PUBLIC_URL + reverse("follow", args=[follow.token])
    context: dict[str, object] = {"report": follow.report, "follow": follow, "link": link, "page": page}
    send(
        "confirm_follow" if follow.report_id else "confirm_area",
        to=follow.email,
        language=follow.language,
        context=context,
    )
