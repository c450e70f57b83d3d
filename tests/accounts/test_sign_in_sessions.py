"""Where an account is open, the mark for scripts, and what is never kept."""

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from pytest_django.fixtures import DjangoAssertNumQueries, Settings

from accounts.receivers import NO_ADDRESS
from accounts.templatetags.browsers import browser
from tests.accounts.doors import neighbour, sign_in
from tests.client import Client
from tests.factories import PASSWORD, ReportFactory

pytestmark = pytest.mark.django_db
PHONE = "Mozilla/5.0 (Android 14; Mobile; rv:130.0) Gecko/130.0 Firefox/130.0"
ADDRESS = "203.0.113.77"


def test_devices_are_shown_by_browser_and_date(client: Client) -> None:
    person = neighbour()
    other = Client(headers={"user-agent": PHONE})
    for device in (client, other):
        sign_in(device, person.email)
    page = client.get("/compte/appareils/").content.decode()
    assert ("Firefox, Android" in page, "(cet appareil)" in page, "Déconnecter ailleurs" in page) == (True, True, True)
    assert "127.0.0.1" not in page
    assert "Mozilla" not in page


def test_other_devices_are_signed_out(client: Client) -> None:
    person = neighbour()
    other = Client()
    for device in (client, other):
        sign_in(device, person.email)
    assert client.post("/compte/appareils/")["Location"] == "/compte/appareils/"
    assert (client.get("/compte/").status_code, other.get("/compte/").status_code) == (200, 302)
    assert UserSession.objects.filter(user=person).count() == 1


def test_devices_of_others_are_left_alone(client: Client) -> None:
    stranger = Client()
    sign_in(stranger, neighbour("eva@example.org").email)
    sign_in(client, neighbour().email)
    client.post("/compte/appareils/")
    assert stranger.get("/compte/").status_code == 200


def test_no_network_address_is_kept(client: Client) -> None:
    sign_in(Client(headers={"x-forwarded-for": ADDRESS}), neighbour().email)
    assert [session.ip for session in UserSession.objects.all()] == [NO_ADDRESS]
    assert ADDRESS not in "".join(str(session.get_decoded()) for session in Session.objects.all())


def test_request_that_waits_for_the_password_keeps_no_network_address() -> None:
    client = Client(headers={"x-forwarded-for": ADDRESS})
    sign_in(client, neighbour().email)
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = []
    session.save()
    response = client.post("/compte/adresse/", {"email": "neuve@example.org", "action_add": "1"})
    waiting = client.session[STATE_SESSION_KEY]["request"]
    assert "neuve%40example.org" in waiting
    assert (ADDRESS in waiting, "127.0.0.1" in waiting) == (False, False)
    assert client.post(response["Location"], {"password": PASSWORD})["Location"] == "/compte/confirmation/"


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (PHONE, "Firefox, Android"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0", "Edge, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Safari/604.1", "Safari, iPhone"),
        (
            "Mozilla/5.0 (Linux; Android 10) AppleWebKit/537.36 SamsungBrowser/20.0 Chrome/106.0",
            "Samsung Internet, Android",
        ),
        ("Opera/9.80 (Android; Opera Mini/36.2) Presto/2.12", "Opera, Android"),
        ("<script>alert(1)</script>", "Navigateur inconnu"),
        ("", "Navigateur inconnu"),
    ],
)
def test_browser_has_the_name_that_people_know(agent: str, name: str) -> None:
    assert browser(agent) == name


# --- The mark ---------------------------------------------------------------------------------------------------------


def test_mark_comes_with_sign_in_and_goes_with_sign_out(client: Client) -> None:
    mark = sign_in(client, neighbour().email).cookies["fmq_here"]
    assert (mark.value, mark["httponly"], mark["samesite"], mark["path"]) == ("1", "", "Lax", "/")
    gone = client.post("/compte/deconnexion/").cookies["fmq_here"]
    assert (gone.value, gone["max-age"]) == ("", 0)


def test_mark_is_for_https_only_in_production(client: Client, settings: Settings) -> None:
    settings.SESSION_COOKIE_SECURE = True
    assert sign_in(client, neighbour().email).cookies["fmq_here"]["secure"] is True


def test_mark_goes_when_the_session_is_over(client: Client) -> None:
    sign_in(client, neighbour().email)
    Session.objects.all().delete()
    assert client.get("/compte/").cookies["fmq_here"].value == ""


def test_mark_is_not_set_again_with_every_page(client: Client) -> None:
    sign_in(client, neighbour().email)
    assert "fmq_here" not in client.get("/compte/").cookies


@pytest.mark.parametrize("path", ["/", "/signalements/", "/quartiers/", "/aide/", "/en/"])
def test_anonymous_pages_set_no_cookie(client: Client, path: str) -> None:
    ReportFactory()
    response = client.get(path)
    assert (response.status_code, dict(response.cookies)) == (200, {})
    assert "Cookie" not in response.get("Vary", "")


def test_public_page_does_not_look_who_reads_it(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    sign_in(client, neighbour().email)
    with django_assert_num_queries(0):
        response = client.get("/aide/")
    assert dict(response.cookies) == {}
