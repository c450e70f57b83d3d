"""Tokens of the API that nobody can use any more are forgotten."""

from datetime import timedelta
from typing import Any

from allauth.account.signals import password_reset
from django.urls import reverse
from django.utils import timezone
from oauth2_provider.models import get_access_token_model, get_application_model, get_refresh_token_model
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken

from accounts.models import TokenFamily, User
from accounts.services.tokens import end_tokens, open_family
from accounts.tasks import forget_expired_tokens
from tests.client import Client
from tests.factories import PASSWORD

LONG_AGO = timedelta(days=60)


def application_token(user: User, *, age: timedelta = timedelta()) -> Any:
    application = get_application_model().objects.create(
        name="App",
        client_type="public",
        authorization_grant_type="authorization-code",
        redirect_uris="https://a.example/",
    )
    expires = timezone.now() + timedelta(minutes=15) - age
    access = get_access_token_model()(user=user, application=application, scope="read", expires=expires)
    access._raw_token = f"access{application.pk}"
    access.save()
    refresh = get_refresh_token_model()(user=user, application=application, access_token=access)
    refresh._raw_token = f"refresh{application.pk}"
    refresh.save()
    return access


def test_forget_expired_tokens_keeps_the_others(author: User) -> None:
    for _unused in range(2):
        open_family(user=author, has_factor=False)
    oldest = OutstandingToken.objects.earliest("id")
    OutstandingToken.objects.filter(pk=oldest.pk).update(expires_at=timezone.now() - timedelta(days=1))
    first = TokenFamily.objects.earliest("created_at")
    TokenFamily.objects.filter(pk=first.pk).update(expires_at=timezone.now() - timedelta(days=1))
    forget_expired_tokens()
    assert (OutstandingToken.objects.count(), TokenFamily.objects.count()) == (1, 1)


def test_forget_expired_tokens_of_applications(author: User) -> None:
    application_token(author, age=LONG_AGO)
    kept = application_token(author)
    forget_expired_tokens()
    assert list(get_access_token_model().objects.all()) == [kept]


def test_end_tokens_ends_what_applications_have(author: User, stranger: User) -> None:
    application_token(author)
    kept = application_token(stranger)
    open_family(user=author, has_factor=False)
    end_tokens(user=author)
    assert list(get_access_token_model().objects.all()) == [kept]
    assert get_refresh_token_model().objects.get(revoked=None).user == stranger
    assert not TokenFamily.objects.filter(ended_at=None).exists()


def test_a_new_password_ends_the_tokens(client: Client, author: User) -> None:
    open_family(user=author, has_factor=False)
    application_token(author)
    client.force_login(author)
    new = {"oldpassword": PASSWORD, "password1": "un cheval de rechange", "password2": "un cheval de rechange"}
    client.post(reverse("account_change_password"), new)
    author.refresh_from_db()
    assert author.check_password("un cheval de rechange")
    assert not TokenFamily.objects.filter(ended_at=None).exists()
    assert not get_access_token_model().objects.exists()


def test_a_forgotten_password_ends_the_tokens(author: User) -> None:
    open_family(user=author, has_factor=False)
    password_reset.send(sender=User, request=None, user=author)
    assert not TokenFamily.objects.filter(ended_at=None).exists()
