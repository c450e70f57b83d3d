"""Agreeing to the portal's texts."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from accounts.models import Consent, User
from accounts.services import consent
from tests.client import Client

BOTH = [("privacy", "2026-11-21"), ("rules", "2026-11-21")]


def given(user: User) -> list[tuple[str, str]]:
    return sorted(Consent.objects.filter(user=user).values_list("document", "version"))


def test_give_notes_the_current_version_of_each_text(author: User) -> None:
    moment = datetime(2026, 11, 21, 6, tzinfo=UTC)
    consent.give(user=author, documents=["rules", "privacy"], at=moment)
    assert given(author) == BOTH
    assert set(Consent.objects.values_list("given_at", flat=True)) == {moment}


def test_give_twice_keeps_the_first_date(author: User) -> None:
    moment = datetime(2026, 11, 21, 6, tzinfo=UTC)
    consent.give(user=author, documents=["rules"], at=moment)
    (again,) = consent.give(user=author, documents=["rules"])
    assert again.given_at == moment
    assert Consent.objects.count() == 1


def test_give_refuses_a_text_that_is_not_ours(author: User) -> None:
    with pytest.raises(KeyError):
        consent.give(user=author, documents=["gdpr"])


def test_missing_names_what_was_never_agreed_to(author: User) -> None:
    consent.give(user=author, documents=["rules"])
    assert consent.missing(author) == ["privacy"]


def test_missing_asks_again_after_a_new_version(author: User, monkeypatch: pytest.MonkeyPatch) -> None:
    consent.give(user=author, documents=consent.VERSIONS)
    monkeypatch.setitem(consent.VERSIONS, "rules", "2027-01-01")
    assert consent.missing(author) == ["rules"]
    consent.give(user=author, documents=["rules"])
    assert given(author) == [*BOTH, ("rules", "2027-01-01")]


def test_agree_on_the_page_notes_both_and_asks_no_more(client: Client, author: User) -> None:
    client.force_login(author)
    assert "Nos textes attendent votre accord" in client.get(reverse("my-data")).content.decode()
    assert client.post(reverse("my-data-agree"))["Location"] == "/compte/donnees/"
    assert given(author) == BOTH
    assert "Nos textes attendent votre accord" not in client.get(reverse("my-data")).content.decode()


def test_agree_needs_a_sign_in(client: Client, db: None) -> None:
    assert client.post(reverse("my-data-agree"))["Location"].startswith("/compte/connexion/?next=")
    assert Consent.objects.count() == 0
