"""Browsers that ask to be told, and that leave again. Their addresses are hostile input: we send to them."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from notifications.errors import BadSubscription
from notifications.models import PushSubscription
from notifications.vapid import decoded
from reports.models import Follow

HTTPS_PORT = 443
AUTH_BYTES = 16
MAX_ENDPOINT = 500
# Nobody has more browsers; the oldest goes when another one comes.
MOST_BROWSERS = 10


def is_known_service(endpoint: str) -> bool:
    """Say whether an address belongs to a push service of `settings.PUSH_HOSTS`: over TLS, without a name or password.

    An entry is a host, `*.` and the end of one, or either with a port; without it only the usual one is accepted.
    """
    try:
        parts = urlsplit(endpoint)
        port = parts.port or HTTPS_PORT
    except ValueError:
        return False
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme != "https" or not host or "@" in parts.netloc or len(endpoint) > MAX_ENDPOINT:
        return False
    return any(matches(host, port, entry) for entry in settings.PUSH_HOSTS)


def matches(host: str, port: int, entry: str) -> bool:
    """Say whether a host and port are what an entry of the list names."""
    name, _colon, wanted = entry.partition(":")
    if port != int(wanted or HTTPS_PORT):
        return False
    return host.endswith(name[1:]) if name.startswith("*.") else host == name


def check_keys(p256dh: str, auth: str) -> None:
    """Refuse keys that nothing could be encrypted for.

    Raises:
        ValueError: no point of the curve, or no secret of 16 bytes.
    """
    ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decoded(p256dh))
    if len(decoded(auth)) != AUTH_BYTES:
        message = "The secret has another length."
        raise ValueError(message)


@transaction.atomic
def subscribe(
    *, endpoint: str, p256dh: str, auth: str, browser: str = "", user: User | None = None, follow: Follow | None = None
) -> PushSubscription:
    """Remember a browser of a person, or of somebody who follows without an account; again brings its keys up to date.

    Raises:
        BadSubscription: no push service of ours gives out such an address, or the keys are broken.
    """
    sentence = _("Ce navigateur n’a pas donné d’adresse de notification utilisable. Choisissez plutôt l’e-mail.")
    if not is_known_service(endpoint):
        raise BadSubscription(sentence)
    try:
        check_keys(p256dh, auth)
    except ValueError as error:
        raise BadSubscription(sentence) from error
    row, _is_new = PushSubscription.objects.update_or_create(
        endpoint=endpoint,
        user=user,
        follow=follow,
        defaults={"p256dh": p256dh, "auth": auth, "browser": browser[:60]},
    )
    owned = PushSubscription.objects.filter(user=user, follow=follow).order_by("-id")
    PushSubscription.objects.filter(pk__in=list(owned.values_list("pk", flat=True)[MOST_BROWSERS:])).delete()
    return row


def unsubscribe(*, endpoint: str, user: User | None = None, follow: Follow | None = None) -> bool:
    """Forget a browser of its owner; say whether it was known. Safe to repeat."""
    removed, _by_model = PushSubscription.objects.filter(endpoint=endpoint, user=user, follow=follow).delete()
    return bool(removed)


def forget_browser(*, user: User, subscription_id: int) -> bool:
    """Forget one of a person's browsers, chosen in a list; say whether it was theirs."""
    removed, _by_model = PushSubscription.objects.filter(pk=subscription_id, user=user).delete()
    return bool(removed)


def browser_name(agent: str) -> str:
    """Return what a person calls the browser that sends this `User-Agent`: "Firefox, Android"."""
    systems = ("Android", "iPhone", "iPad", "Windows", "Macintosh", "Linux")
    browsers = ("Edg", "OPR", "SamsungBrowser", "Firefox", "Chrome", "Safari")
    spoken = {"Edg": "Edge", "OPR": "Opera", "SamsungBrowser": "Samsung Internet", "Macintosh": "Mac"}
    return ", ".join(spoken.get(name, name) for name in (first(browsers, agent), first(systems, agent)) if name)


def first(names: Iterable[str], text: str) -> str:
    """Return the first of some names that stands in a text; empty for none."""
    return next((name for name in names if name in text), "")
