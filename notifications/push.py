"""Sending to a browser by web push (RFC 8030, 8188, 8291, 8292)."""

import json
from typing import Any, NoReturn

import requests
from django.conf import settings
from django.urls import reverse
from django.utils import translation
from py_vapid import Vapid02
from pywebpush import WebPushException, webpush

from notifications.errors import NoLongerWanted, RefusedForGood, TryLater
from notifications.models import Delivery, PushSubscription
from notifications.services.subscriptions import is_known_service
from notifications.wording import headline
from reports.models import Event

# How long a push service keeps it for a phone that is off: older news are in the digest, or on the page.
KEPT_SECONDS = 24 * 3600
TIMEOUT_S = 10
TITLE_LENGTH = 80
BODY_LENGTH = 160

GONE = (404, 410)
TOO_MANY = 429
SERVER_ERROR = 500
LEFT = "the browser is not subscribed any more"
HIDDEN = "the report is not to be seen any more"


class StayHere(requests.Session):
    """Follows no redirect: the address was checked, where it leads to was not."""

    def request(self, method: str, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        """Ask once."""
        return super().request(method, url, *args, **{**kwargs, "allow_redirects": False})


def send_push(delivery: Delivery) -> None:
    """Send a delivery to its browser. A subscription that the push service does not know any more is removed.

    Raises:
        NoLongerWanted: the browser left, or its person may not see this any more.
        TryLater: the push service could not be reached, or is busy.
        RefusedForGood: it does not want this message.
    """
    subscription, event = delivery.subscription, delivery.event
    if subscription is None or event is None or not is_known_service(subscription.endpoint):
        raise NoLongerWanted(LEFT)
    payload = payload_of(subscription, event)
    if payload is None:
        raise NoLongerWanted(HIDDEN)
    try:
        answer_of(subscription, payload, topic=f"report-{event.report.ref}")
    except requests.RequestException as error:
        # Neither the address nor the answer's body belongs in a log: both may name a person.
        raise TryLater(type(error).__name__) from None
    except WebPushException as error:
        refuse(subscription, error.response.status_code if error.response is not None else 0)


def refuse(subscription: PushSubscription, status: int) -> NoReturn:
    """Say what a push service's refusal means.

    Raises:
        NoLongerWanted: it does not know the browser any more, which is forgotten; TryLater; RefusedForGood.
    """
    if status in GONE:
        PushSubscription.objects.filter(pk=subscription.pk).delete()
        raise NoLongerWanted(LEFT)
    answer = f"the push service answered {status}"
    if status == TOO_MANY or status >= SERVER_ERROR or not status:
        raise TryLater(answer)
    raise RefusedForGood(answer)


def answer_of(subscription: PushSubscription, payload: dict[str, str], *, topic: str) -> Any:
    """Encrypt and send.

    Raises:
        WebPushException: the push service refused it; OSError: it could not be reached.
    """
    with StayHere() as session:
        return webpush(
            subscription_info={
                "endpoint": subscription.endpoint,
                "keys": {"p256dh": subscription.p256dh, "auth": subscription.auth},
            },
            data=json.dumps(payload, ensure_ascii=False),
            vapid_private_key=Vapid02.from_string(settings.VAPID_PRIVATE_KEY),
            vapid_claims={"sub": f"mailto:{settings.CONTACT_EMAIL}"},
            ttl=KEPT_SECONDS,
            # A newer message on the same report takes the place of one that still waits.
            headers={"Urgency": "normal", "Topic": topic},
            timeout=TIMEOUT_S,
            requests_session=session,
        )


def payload_of(subscription: PushSubscription, event: Event) -> dict[str, str] | None:
    """Return what the browser shows: `title`, `body`, `url` (a path) and `tag`; None where they may not see it.

    Public words only: a notification lies on a locked screen.
    """
    report = event.report
    follow = subscription.follow
    is_author = follow.is_reporter if follow else report.reporter_id == subscription.user_id
    if not (event.is_public or is_author):
        return None
    language = follow.language if follow else getattr(subscription.user, "language", settings.LANGUAGE_CODE)
    with translation.override(language):
        if report.is_public:
            url = report.get_absolute_url()
        elif follow is not None:
            url = reverse("follow", args=[follow.token])
        else:
            url = reverse("account")
        place = f"{report.category.name}, {report.quarter.name}" if report.is_public else report.ref
        return {
            "title": headline(event.kind, event.data)[:TITLE_LENGTH],
            "body": place[:BODY_LENGTH],
            "url": url,
            "tag": f"report-{report.ref}",
        }
