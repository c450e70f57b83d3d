"""Web push: subscribing, sending to a real push service on loopback, leaving."""

import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256
from django.core.management import call_command
from pytest_django.fixtures import Settings

from accounts.models import User
from notifications.errors import NoLongerWanted, RefusedForGood, TryLater
from notifications.models import Delivery, PushSubscription
from notifications.push import send_push
from notifications.services.deliver import deliver
from notifications.services.subscriptions import browser_name, is_known_service
from notifications.vapid import decoded, public_key, public_of
from reports import workflow
from reports.models import Follow, Quarter, Report
from tests.client import Client
from tests.factories import ReportFactory
from tests.notifications.news import followed, happened, repaired
from tests.notifications.push_service import Browser, PushService, certificate, running

JOIN, LEAVE = "/appareils/abonner/", "/appareils/quitter/"
OURS = {"Sec-Fetch-Site": "same-origin"}
GOOGLE = "https://fcm.googleapis.com/fcm/send/abc"


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate(tmp_path_factory.mktemp("push"))


@pytest.fixture
def service(pem: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[PushService]:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(pem))
    with running(pem) as found:
        settings.PUSH_HOSTS = [found.host]
        yield found


@pytest.fixture
def browser() -> Browser:
    return Browser()


@pytest.fixture
def report(quarter: Quarter) -> Report:
    return ReportFactory(quarter=quarter)


def delivery_to(browser: Browser, endpoint: str, report: Report, **owner: Any) -> Delivery:
    subscription = PushSubscription.objects.create(endpoint=endpoint, **browser.fields(), **owner)
    event = repaired(report)
    return Delivery.objects.create(
        key=f"event:{event.pk}:push:{subscription.pk}", channel="push", event=event, subscription=subscription
    )


def subscribe(client: Client, browser: Browser, endpoint: str = GOOGLE, **fields: str) -> Any:
    return client.post(JOIN, {"endpoint": endpoint, **browser.fields(), **fields}, headers=OURS)


def test_send_push_arrives_encrypted_for_the_browser(
    service: PushService, browser: Browser, report: Report, author: User
) -> None:
    send_push(delivery_to(browser, service.endpoint(), report, user=author))
    ((headers, body),) = service.messages
    assert json.loads(browser.read(body)) == {
        "title": "Problème résolu",
        "body": "Nid-de-poule, Mokolo",
        "url": f"/signalements/{report.ref}/",
        "tag": f"report-{report.ref}",
    }
    assert (headers["ttl"], headers["urgency"], headers["topic"]) == ("86400", "normal", f"report-{report.ref}")


def test_send_push_is_signed_by_the_key_that_browsers_know(
    service: PushService, browser: Browser, report: Report, author: User
) -> None:
    send_push(delivery_to(browser, service.endpoint(), report, user=author))
    scheme, _space, rest = service.messages[0][0]["authorization"].partition(" ")
    given = dict(part.strip().split("=", 1) for part in rest.split(","))
    signed, _dot, signature = given["t"].rpartition(".")
    raw = decoded(signature)
    der = utils.encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decoded(public_key()))
    key.verify(der, signed.encode(), ec.ECDSA(SHA256()))
    claims = json.loads(decoded(signed.split(".")[1]))
    assert (scheme, given["k"], claims["aud"]) == ("vapid", public_key(), f"https://{service.host}")
    assert claims["sub"].startswith("mailto:")


@pytest.mark.parametrize("status", [404, 410])
def test_send_push_to_a_browser_that_is_gone_forgets_it(
    service: PushService, browser: Browser, report: Report, author: User, status: int
) -> None:
    service.status = status
    with pytest.raises(NoLongerWanted):
        send_push(delivery_to(browser, service.endpoint(), report, user=author))
    assert not PushSubscription.objects.exists()


@pytest.mark.parametrize("status", [429, 500, 503])
def test_send_push_to_a_busy_service_is_tried_again(
    service: PushService, browser: Browser, report: Report, author: User, status: int
) -> None:
    service.status = status
    with pytest.raises(TryLater, match=str(status)):
        send_push(delivery_to(browser, service.endpoint(), report, user=author))
    assert PushSubscription.objects.count() == 1


@pytest.mark.parametrize("status", [400, 403, 413])
def test_send_push_that_the_service_refuses_is_not_tried_again(
    service: PushService, browser: Browser, report: Report, author: User, status: int
) -> None:
    service.status = status
    with pytest.raises(RefusedForGood):
        send_push(delivery_to(browser, service.endpoint(), report, user=author))


def test_send_push_follows_no_redirect(service: PushService, browser: Browser, report: Report, author: User) -> None:
    service.status, service.headers = 307, {"Location": service.endpoint(2)}
    with pytest.raises(RefusedForGood):
        send_push(delivery_to(browser, service.endpoint(), report, user=author))
    assert len(service.messages) == 1


def test_send_push_to_a_service_that_is_away_is_tried_again(
    browser: Browser, report: Report, author: User, settings: Settings
) -> None:
    settings.PUSH_HOSTS = ["127.0.0.1:9"]
    with pytest.raises(TryLater):
        send_push(delivery_to(browser, "https://127.0.0.1:9/x", report, user=author))


def test_send_push_to_a_service_that_is_not_trusted_any_more_sends_nothing(
    service: PushService, browser: Browser, report: Report, author: User, settings: Settings
) -> None:
    settings.PUSH_HOSTS = []
    with pytest.raises(NoLongerWanted):
        send_push(delivery_to(browser, service.endpoint(), report, user=author))
    assert service.messages == []


def test_send_push_to_an_author_without_account_says_nothing_private(
    service: PushService, browser: Browser, quarter: Quarter
) -> None:
    report = ReportFactory(quarter=quarter, status=workflow.REJECTED, published_at=None)
    follow = Follow.objects.get(report=report)
    delivery = delivery_to(browser, service.endpoint(), report, follow=follow)
    delivery.event = happened(report, "status_changed", is_public=False, data={"from": "pending", "to": "rejected"})
    send_push(delivery)
    sent = json.loads(browser.read(service.messages[0][1]))
    assert (sent["body"], sent["url"]) == (report.ref, f"/suivi/{follow.token}/")


def test_send_push_of_what_is_not_public_reaches_the_author_alone(
    service: PushService, browser: Browser, report: Report, stranger: User
) -> None:
    delivery = delivery_to(browser, service.endpoint(), report, user=stranger)
    delivery.event = happened(report, "status_changed", is_public=False)
    with pytest.raises(NoLongerWanted):
        send_push(delivery)
    assert service.messages == []


def test_delivery_of_a_push_is_sent_once(service: PushService, browser: Browser, report: Report, author: User) -> None:
    followed(report, user=author)
    delivery = delivery_to(browser, service.endpoint(), report, user=author)
    deliver(delivery_id=delivery.pk)
    deliver(delivery_id=delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.status, len(service.messages)) == (Delivery.Status.SENT, 1)


def test_subscribe_of_a_person_remembers_the_browser(client: Client, author: User, browser: Browser) -> None:
    client.force_login(author)
    assert subscribe(client, browser).json() == {"subscribed": True}
    assert subscribe(client, browser).json() == {"subscribed": True}
    assert author.push_subscriptions.get().endpoint == GOOGLE


def test_subscribe_of_a_follower_without_account_belongs_to_the_follow(
    client: Client, report: Report, browser: Browser
) -> None:
    follow = followed(report)
    answer = subscribe(client, browser, suivi=follow.token)
    row = PushSubscription.objects.get()
    assert (answer.status_code, row.follow, row.user, answer.cookies.keys()) == (200, follow, None, {}.keys())


@pytest.mark.parametrize("token", ["", "x", "A" * 22])
def test_subscribe_of_nobody_is_refused(client: Client, db: None, browser: Browser, token: str) -> None:
    answer = subscribe(client, browser, suivi=token)
    assert (answer.status_code, PushSubscription.objects.count()) == (403, 0)


def test_subscribe_from_another_site_is_refused(client: Client, author: User, browser: Browser) -> None:
    client.force_login(author)
    given = {"endpoint": GOOGLE, **browser.fields()}
    assert client.post(JOIN, given, HTTP_SEC_FETCH_SITE="cross-site").status_code == 403
    assert not PushSubscription.objects.exists()


@pytest.mark.parametrize(
    "endpoint",
    [
        "",
        "http://fcm.googleapis.com/x",
        "https://fcm.googleapis.com:8443/x",
        "https://fcm.googleapis.com.evil.example/x",
        "https://evil.example/fcm.googleapis.com",
        "https://fcm.googleapis.com@127.0.0.1/x",
        "https://user:word@fcm.googleapis.com/x",
        "https://notify.windows.com.evil/x",
        "https://xnotify.windows.com/x",
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "https://[",
        "https://fcm.googleapis.com:port/x",
        "file:///etc/passwd",
        "https://fcm.googleapis.com/" + "x" * 500,
    ],
)
def test_subscribe_with_an_address_of_no_push_service_is_refused(
    client: Client, author: User, browser: Browser, endpoint: str
) -> None:
    client.force_login(author)
    answer = subscribe(client, browser, endpoint)
    assert (answer.status_code, PushSubscription.objects.count()) == (422, 0)
    assert "Choisissez plutôt l’e-mail" in answer.json()["error"]


@pytest.mark.parametrize(
    "endpoint",
    [
        GOOGLE,
        "https://updates.push.services.mozilla.com/wpush/v2/x",
        "https://db5p.notify.windows.com/w/?token=x",
        "https://web.push.apple.com/x",
    ],
)
def test_known_services_are_known(endpoint: str) -> None:
    assert is_known_service(endpoint)


@pytest.mark.parametrize("keys", [{"p256dh": "x"}, {"auth": "x"}, {"auth": ""}, {"p256dh": "\x00"}, {"auth": "AAAA"}])
def test_subscribe_with_broken_keys_is_refused(
    client: Client, author: User, browser: Browser, keys: dict[str, str]
) -> None:
    client.force_login(author)
    assert subscribe(client, browser, **keys).status_code == 422


def test_subscribe_with_more_than_ten_browsers_forgets_the_oldest(
    client: Client, author: User, browser: Browser
) -> None:
    client.force_login(author)
    for number in range(12):
        subscribe(client, browser, f"{GOOGLE}{number}")
    kept = sorted(author.push_subscriptions.values_list("endpoint", flat=True), key=len)
    assert (len(kept), f"{GOOGLE}1" in kept, f"{GOOGLE}11" in kept) == (10, False, True)


def test_unsubscribe_forgets_the_browser_and_says_the_same_twice(
    client: Client, author: User, browser: Browser
) -> None:
    client.force_login(author)
    subscribe(client, browser)
    for _unused in range(2):
        assert client.post(LEAVE, {"endpoint": GOOGLE}, headers=OURS).json() == {"subscribed": False}
    assert not PushSubscription.objects.exists()


def test_unsubscribe_leaves_the_browser_of_another(client: Client, author: User, browser: Browser) -> None:
    client.force_login(author)
    subscribe(client, browser)
    client.logout()
    assert client.post(LEAVE, {"endpoint": GOOGLE}, headers=OURS).status_code == 403
    assert PushSubscription.objects.count() == 1


def test_vapid_keys_prints_a_pair_that_belongs_together() -> None:
    out = StringIO()
    call_command("vapid_keys", stdout=out)
    private, public = (line.rpartition("=" if "=" in line else " ")[2] for line in out.getvalue().splitlines())
    assert (public_of(private), len(decoded(public))) == (public, 65)


def test_service_worker_is_served_from_the_root_and_always_asked_anew(client: Client) -> None:
    answer = client.get("/service-worker.js")
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("text/javascript; charset=utf-8", "no-cache")
    assert "notificationclick" in answer.content.decode()
    assert (answer.cookies.keys(), answer.get("Vary", "")) == ({}.keys(), "")


def test_manifest_describes_an_app_that_stands_alone(client: Client) -> None:
    answer = client.get("/site.webmanifest")
    assert (answer["Content-Type"], answer.json()["display"]) == ("application/manifest+json", "standalone")


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36", "Chrome, Android"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/120.0 Safari/537.36 Edg/120.0", "Edge, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Safari/604.1", "Safari, iPhone"),
        ("curl/8", ""),
    ],
)
def test_browser_name_is_what_people_call_it(agent: str, name: str) -> None:
    assert browser_name(agent) == name
