"""Changing the address of an account."""

import pytest
from allauth.account.models import EmailAddress
from django.core.mail import EmailMessage

from accounts.models import User
from tests.accounts.doors import code_in, neighbour, sign_in, wrong
from tests.client import Client

pytestmark = pytest.mark.django_db
Mails = list[EmailMessage]
CHANGE, GIVE = "/compte/adresse/", "/compte/confirmation/"


def ask(client: Client, email: str) -> str:
    """Ask for another address and return where the portal leads."""
    response = client.post(CHANGE, {"email": email, "action_add": "1"})
    return str(response.headers.get("Location", response.status_code))


@pytest.fixture
def person(client: Client) -> User:
    user = neighbour()
    sign_in(client, user.email)
    return user


def test_address_changes_with_its_code_only(client: Client, person: User, mailoutbox: Mails) -> None:
    assert ask(client, "Awa.Neuve@example.org") == GIVE
    person.refresh_from_db()
    assert person.email == "awa@example.org"
    client.post(GIVE, {"code": code_in(mailoutbox[0])})
    person.refresh_from_db()
    assert person.email == "awa.neuve@example.org"
    assert list(EmailAddress.objects.values_list("email", "verified", "primary")) == [
        ("awa.neuve@example.org", True, True)
    ]


def test_former_address_is_told(client: Client, person: User, mailoutbox: Mails) -> None:
    ask(client, "neuve@example.org")
    client.post(GIVE, {"code": code_in(mailoutbox[0])})
    assert [mail.to for mail in mailoutbox] == [["neuve@example.org"], ["awa@example.org"]]
    assert "neuve@example.org à la place de awa@example.org" in str(mailoutbox[1].body)


def test_wrong_code_changes_nothing(client: Client, person: User, mailoutbox: Mails) -> None:
    ask(client, "neuve@example.org")
    assert client.post(GIVE, {"code": wrong(code_in(mailoutbox[0]))}).status_code == 422
    person.refresh_from_db()
    assert person.email == "awa@example.org"


def test_address_of_another_person_is_neither_told_nor_taken(client: Client, person: User, mailoutbox: Mails) -> None:
    neighbour("connue@example.org")
    assert ask(client, "connue@example.org") == GIVE
    page = client.get(GIVE)
    assert page.status_code == 200
    assert client.post(GIVE, {"code": "1234-5678"}).status_code == 422
    assert User.objects.filter(email="connue@example.org").count() == 1
    assert "Elle n’a pas" not in str(mailoutbox[0].body)


@pytest.mark.parametrize(
    ("email", "words"), [("awa@example.org", "déjà votre adresse"), ("x", "adresse"), ("", "obligatoire")]
)
def test_address_that_cannot_be_is_refused(client: Client, person: User, email: str, words: str) -> None:
    response = client.post(CHANGE, {"email": email, "action_add": "1"})
    assert response.status_code == 422
    assert words in response.content.decode()


def test_administrator_cannot_change_an_address(administrator: User) -> None:
    person = neighbour("connue@example.org")
    client = Client()
    client.force_login(administrator)
    client.post(
        f"/admin/accounts/user/{person.pk}/change/",
        {"email": "prise@example.org", "name": "", "language": "fr", "is_active": "on",
         "memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0},
    )  # fmt: skip
    person.refresh_from_db()
    assert person.email == "connue@example.org"
