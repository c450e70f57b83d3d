"""Pages and documents of refusals that no view makes."""

import pytest
from django.test import Client


@pytest.mark.parametrize(("address", "language"), [("/compte/connexion/", "fr"), ("/en/compte/connexion/", "en")])
def test_a_post_without_its_token_is_refused_in_our_words(address: str, language: str, db: None) -> None:
    response = Client(enforce_csrf_checks=True).post(address, {"username": "a@example.org", "password": "x"})
    assert response.status_code == 403
    assert f'<html lang="{language}">' in response.content.decode()
