"""What every page knows without asking who reads it, so that anonymous pages stay cacheable."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language

from notifications.vapid import public_key

ENGLISH = "/en"


def portal(request: HttpRequest) -> dict[str, str]:
    """Return the canonical address, the same page in the other language, the contact address, the push key."""
    path = request.path
    french = path.removeprefix(ENGLISH) if path.startswith(f"{ENGLISH}/") else path
    query = f"?{request.META['QUERY_STRING']}" if request.META.get("QUERY_STRING") else ""
    english = f"{ENGLISH}{french}"
    is_english = get_language() == "en"
    return {
        "canonical_url": f"{settings.PUBLIC_URL}{path}",
        "french_url": f"{settings.PUBLIC_URL}{french}",
        "english_url": f"{settings.PUBLIC_URL}{english}",
        "alternate_url": (french if is_english else english) + query,
        "contact_email": settings.CONTACT_EMAIL,
        "public_url": settings.PUBLIC_URL,
        "push_key": public_key() if settings.NOTIFICATIONS else "",
    }
