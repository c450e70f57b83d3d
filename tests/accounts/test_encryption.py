"""Contact data in the database: unreadable without the keys, and moved from one key to the next."""

import uuid
from collections.abc import Iterator

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from cryptography.fernet import Fernet, InvalidToken
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection, models
from django.urls import reverse
from pytest_django.fixtures import Settings

from accounts.encryption import EncryptedField, decrypt, encrypt, fingerprint
from accounts.models import User
from accounts.services import rotation
from accounts.services.factor import give_factor
from notifications.services.recipients import recipient_of_address
from reports.models import Category, Follow, Quarter, Report
from reports.services.community import follow
from tests.accounts.dump import columns_with
from tests.client import Client
from tests.factories import CENTRE, ReportFactory, UserFactory

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()
EMAIL, PHONE = "zephyrine.abega@example.org", "+237 6 91 23 45 67"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
# Where an address signs somebody in, it lies as it is: it is looked up at every sign-in, and is the account itself.
SIGN_IN = {"accounts_user.email", "account_emailaddress.email"}


@pytest.fixture
def old_key(settings: Settings) -> Iterator[None]:
    settings.CONTACT_KEYS = [OLD]
    yield
    settings.CONTACT_KEYS = [OLD, NEW]


def kept(table: str, column: str) -> list[str]:
    """Return a column as it lies in the database."""
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT "{column}" FROM "{table}" WHERE "{column}" <> \'\' ORDER BY id')  # noqa: S608
        return [text for (text,) in cursor.fetchall()]


# --- At rest ----------------------------------------------------------------------------------------------------------


def test_dump_holds_no_address_after_reporting_and_following(
    client: Client, quarter: Quarter, category: Category
) -> None:
    typed = {"email": EMAIL, "phone": PHONE, "description": "Un trou", "category": category.code}
    place = {"lon": CENTRE[0], "lat": CENTRE[1], "idempotency_key": str(uuid.uuid4())}
    client.post(reverse("report-new"), {**typed, **place}, headers={"origin": "http://testserver"})
    follow(report=ReportFactory(), email=EMAIL, language="fr")
    recipient_of_address(EMAIL)
    assert Report.objects.exclude(contact_email="").get().contact_email == EMAIL
    assert Follow.objects.of_address(EMAIL).count() == 2
    for words in (EMAIL, "abega", PHONE, "691234567", "91 23 45"):
        assert (words, columns_with(words)) == (words, set())


def test_dump_holds_sign_in_addresses_in_two_columns_only(author: User) -> None:
    EmailAddress.objects.get_or_create(user=author, email=author.email)
    ReportFactory(reporter=author, contact_email=author.email)
    assert columns_with(author.email) == SIGN_IN


def test_dump_holds_no_secret_of_a_second_factor(author: User) -> None:
    give_factor(user=author, secret=SECRET)
    assert columns_with(SECRET) == set()


def test_every_column_for_an_address_is_encrypted_or_signs_somebody_in() -> None:
    plain = {
        f"{model._meta.db_table}.{field.column}"
        for model in apps.get_models()
        for field in model._meta.local_concrete_fields
        if isinstance(field, models.EmailField) or "email" in field.name or "phone" in field.name
        if not isinstance(field, EncryptedField) and not field.name.endswith("_digest")
    }
    # The address of a town hall's service is on its door; the other one is the number of a row.
    assert plain - SIGN_IN == {"reports_organisation.email", "account_emailconfirmation.email_address_id"}


def test_network_addresses_have_one_column_and_nothing_fills_it(client: Client, author: User) -> None:
    columns = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.local_concrete_fields
        if isinstance(field, models.GenericIPAddressField) or field.name in {"ip", "ip_address", "remote_addr"}
    ]
    assert columns == ["usersessions.UserSession.ip"]
    EmailAddress.objects.update_or_create(user=author, email=author.email, defaults={"verified": True, "primary": True})
    client.post(reverse("account_login"), {"login": author.email, "password": "correct horse battery"})
    client.get(reverse("account"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT host(ip) FROM usersessions_usersession")
        assert cursor.fetchall() == [("0.0.0.0",)]  # noqa: S104


def test_encrypt_writes_the_same_text_never_alike() -> None:
    assert encrypt(EMAIL) != encrypt(EMAIL)
    assert decrypt(encrypt(EMAIL)) == EMAIL
    assert (encrypt(""), decrypt("")) == ("", "")


def test_decrypt_refuses_what_was_tampered_with() -> None:
    with pytest.raises(InvalidToken):
        decrypt(encrypt(EMAIL)[:-4] + "AAAA")


# --- The next key -----------------------------------------------------------------------------------------------------


def filled() -> None:
    """Keep contact data of every kind."""
    ReportFactory(contact_email=EMAIL, contact_phone=PHONE)
    Follow.objects.create(report=ReportFactory(), email=EMAIL.upper().lower())
    recipient_of_address(EMAIL)
    give_factor(user=UserFactory(), secret=SECRET)


def test_rotate_moves_everything_and_the_old_key_can_go(old_key: None, settings: Settings, db: None) -> None:
    filled()
    settings.CONTACT_KEYS = [NEW, OLD]
    call_command("rotate_contact_keys")
    settings.CONTACT_KEYS = [NEW]
    report = Report.objects.exclude(contact_phone="").get()
    assert (report.contact_email, report.contact_phone) == (EMAIL, PHONE)
    assert [row.email for row in Follow.objects.of_address(EMAIL)] == [EMAIL, EMAIL]
    assert recipient_of_address(EMAIL).email_digest == fingerprint(EMAIL)
    assert kept("notifications_recipient", "email_digest") == [fingerprint(EMAIL)]
    assert decrypt(Authenticator.objects.get(type="totp").data["secret"]) == SECRET
    assert TOTP(Authenticator.objects.get(type="totp")).validate_code("000000") in {True, False}


def test_rotate_twice_writes_nothing_the_second_time(old_key: None, settings: Settings, db: None) -> None:
    filled()
    settings.CONTACT_KEYS = [NEW, OLD]
    assert sum(rotation.rotate().values()) == 5
    before = kept("reports_report", "contact_email"), kept("reports_follow", "email")
    assert sum(rotation.rotate().values()) == 0
    assert (kept("reports_report", "contact_email"), kept("reports_follow", "email")) == before


def test_rotate_goes_on_after_it_was_stopped(
    old_key: None, settings: Settings, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "BATCH", 2)
    for number in range(5):
        ReportFactory(contact_email=f"personne{number}@example.org").followers.all().delete()
    settings.CONTACT_KEYS = [NEW, OLD]
    encrypted: list[str] = []

    def stopping(text: str) -> str:
        encrypted.append(text)
        if len(encrypted) == 4:
            raise KeyboardInterrupt
        return encrypt(text)

    monkeypatch.setattr(rotation, "encrypt", stopping)
    with pytest.raises(KeyboardInterrupt):
        rotation.rotate()
    monkeypatch.setattr(rotation, "encrypt", encrypt)
    assert [rotation.is_current(text) for text in kept("reports_report", "contact_email")] == [True] * 2 + [False] * 3
    assert rotation.rotate()["reports.Report.contact_email"] == 3
    settings.CONTACT_KEYS = [NEW]
    assert Report.objects.filter(contact_email="").count() == 0


def test_rotate_keeps_a_change_made_meanwhile(
    old_key: None, settings: Settings, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = ReportFactory(contact_phone=PHONE)
    settings.CONTACT_KEYS = [NEW, OLD]

    def changed_meanwhile(text: str) -> str:
        Report.objects.filter(pk=report.pk).update(contact_phone="+237 6 00 00 00 00")
        return encrypt(text)

    monkeypatch.setattr(rotation, "encrypt", changed_meanwhile)
    assert rotation.rotate()["reports.Report.contact_phone"] == 0
    report.refresh_from_db()
    assert report.contact_phone == "+237 6 00 00 00 00"


def test_rotate_says_which_key_is_missing(settings: Settings, old_key: None, db: None) -> None:
    ReportFactory(contact_email=EMAIL)
    settings.CONTACT_KEYS = [NEW]
    with pytest.raises(CommandError, match="Put the missing key back"):
        call_command("rotate_contact_keys")
    settings.CONTACT_KEYS = [OLD]
    assert Report.objects.get().contact_email == EMAIL


def test_address_is_found_under_either_key_while_they_change(old_key: None, settings: Settings, db: None) -> None:
    report = ReportFactory()
    follow(report=report, email=EMAIL, language="fr")
    settings.CONTACT_KEYS = [NEW, OLD]
    assert follow(report=report, email=EMAIL.upper(), language="fr") == Follow.objects.of_address(EMAIL).get()
