"""Tokens of the API that nobody can use any more are forgotten."""

from datetime import timedelta

from django.utils import timezone
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken
from rest_framework_simplejwt.tokens import RefreshToken

from accounts.models import User
from accounts.tasks import forget_expired_tokens


def test_forget_expired_tokens_keeps_the_others(author: User) -> None:
    for _unused in range(2):
        RefreshToken.for_user(author)
    oldest = OutstandingToken.objects.earliest("id")
    OutstandingToken.objects.filter(pk=oldest.pk).update(expires_at=timezone.now() - timedelta(days=1))
    forget_expired_tokens()
    assert OutstandingToken.objects.count() == 1
