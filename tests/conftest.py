"""The fixed cast of people, and the ground they walk on."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.files.storage import storages
from pytest_django.fixtures import Settings

from accounts.models import DataExport, Role, User
from moderation.models import ListExport
from reports.models import Category, Organisation, Photo, Quarter, Town
from tests.client import Client
from tests.factories import (
    CategoryFactory,
    OrganisationFactory,
    QuarterFactory,
    TownFactory,
    UserFactory,
    give,
    square,
)


def use_originals_of_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Follow a change of the settings: a file field asks for its storage once, when the process starts."""
    monkeypatch.setattr(Photo._meta.get_field("original"), "storage", storages["originals"])
    for model in (DataExport, ListExport):
        monkeypatch.setattr(model._meta.get_field("file"), "storage", storages["default"])


@pytest.fixture(autouse=True)
def own_files(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test's photos and mails lie in a folder of its own."""
    settings.MEDIA_ROOT = tmp_path / "media"
    chosen = {name: {**storage} for name, storage in settings.STORAGES.items()}
    chosen["default"]["OPTIONS"] = {"location": tmp_path / "media/private"}
    chosen["variants"]["OPTIONS"] = {"location": tmp_path / "media/public", "base_url": "/media/"}
    chosen["originals"]["OPTIONS"] = {"location": tmp_path / "media/private"}
    chosen["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = chosen
    use_originals_of_settings(monkeypatch)
    # People of tests are made by the thousand; a slow hash protects nothing here.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def empty_cache() -> Iterator[None]:
    """No test sees what an earlier one cached or how often it asked."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def client() -> Client:
    """Return a browser; `force_login` of staff gives their second factor too."""
    return Client()


@pytest.fixture
def town(db: None) -> Town:
    return TownFactory()


@pytest.fixture
def quarter(town: Town) -> Quarter:
    return QuarterFactory(town=town)


@pytest.fixture
def other_quarter(town: Town) -> Quarter:
    return QuarterFactory(town=town, slug="bastos", name="Bastos", boundary=square(11.51, 3.86))


@pytest.fixture
def category(db: None) -> Category:
    return CategoryFactory()


@pytest.fixture
def organisation(db: None) -> Organisation:
    return OrganisationFactory()


@pytest.fixture
def author(db: None) -> User:
    return UserFactory(email="auteur@example.org")


@pytest.fixture
def stranger(db: None) -> User:
    return UserFactory(email="inconnu@example.org")


@pytest.fixture
def moderator(town: Town) -> User:
    return give(UserFactory(email="moderation@example.org"), Role.MODERATOR, town=town)


@pytest.fixture
def moderator_elsewhere(db: None) -> User:
    elsewhere = TownFactory(slug="douala", name="Douala", boundary=square(9.7, 4.0))
    return give(UserFactory(email="moderation.douala@example.org"), Role.MODERATOR, town=elsewhere)


@pytest.fixture
def operator(organisation: Organisation) -> User:
    return give(UserFactory(email="equipe@example.org"), Role.OPERATOR, organisation=organisation)


@pytest.fixture
def operator_elsewhere(db: None) -> User:
    other = OrganisationFactory(slug="eau", name="Service de l’eau")
    return give(UserFactory(email="equipe.eau@example.org"), Role.OPERATOR, organisation=other)


@pytest.fixture
def administrator(db: None) -> User:
    return give(UserFactory(email="administration@example.org"), Role.ADMINISTRATOR)
