"""Somebody who is banned: refused wherever something is taken in, kindly; everything else stays open to them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime

from accounts.models import Ban, Role, User
from reports.errors import Banned
from reports.models import Comment, Follow, Organisation, Quarter, Report, Vote
from reports.services import community
from reports.services.areas import follow_area
from reports.services.comments import add_comment, edit_comment
from reports.services.reporting import create_report
from reports.views.device import DEVICE_COOKIE, DEVICE_SALT
from tests.client import Client
from tests.factories import CENTRE, CategoryFactory, ReportFactory, give
from tests.reports.api_client import NEW_REPORT, send

pytestmark = pytest.mark.django_db
OURS = {"sec-fetch-site": "same-origin"}
DEVICE = "d" * 32


@pytest.fixture
def report(quarter: Quarter) -> Report:
    return ReportFactory(quarter=quarter)


@pytest.fixture
def ban_of_device(db: None) -> Ban:
    return Ban.objects.create(device=DEVICE, until=timezone.now() + timedelta(days=7), about="K7M-4QX")


@pytest.fixture
def ban_of_author(author: User) -> Ban:
    return Ban.objects.create(user=author, until=timezone.now() + timedelta(days=7), about="K7M-4QX")


@pytest.fixture
def phone() -> Client:
    """Return a browser that holds the cookie of the device."""
    from django.core.signing import get_cookie_signer  # noqa: PLC0415

    client = Client()
    client.cookies[DEVICE_COOKIE] = get_cookie_signer(salt=DEVICE_COOKIE + DEVICE_SALT).sign(DEVICE)
    return client


def acts(report: Report, author: User | None) -> dict[str, Callable[[], Any]]:
    """Return everything that somebody may send, as the services take it."""
    device = "" if author else DEVICE
    email = "" if author else "a@example.org"
    who: dict[str, Any] = {"user": author, "device": device}
    return {
        "report": lambda: create_report(
            category=report.category, point=report.point, reporter=author, device=device, description="Encore."
        ),
        "comment": lambda: add_comment(report=report, text="Moi aussi.", author=author, device=device),
        "vote": lambda: community.vote(report=report, **who),
        "follow": lambda: community.follow(report=report, email=email, language="fr", **who),
        "area": lambda: follow_area(category=report.category, email=email, language="fr", **who),
    }


@pytest.mark.parametrize("act", ["report", "comment", "vote", "follow", "area"])
def test_ban_of_a_person_refuses_to_take_in(act: str, report: Report, author: User, ban_of_author: Ban) -> None:
    before = [model.objects.count() for model in (Report, Comment, Vote, Follow)]
    with pytest.raises(Banned) as refusal:
        acts(report, author)[act]()
    assert (refusal.value.until, refusal.value.token) == (ban_of_author.until, ban_of_author.token)
    assert [model.objects.count() for model in (Report, Comment, Vote, Follow)] == before


@pytest.mark.parametrize("act", ["report", "comment", "vote", "follow", "area"])
def test_ban_of_a_device_refuses_to_take_in(act: str, report: Report, ban_of_device: Ban) -> None:
    with pytest.raises(Banned):
        acts(report, None)[act]()


@pytest.mark.parametrize("act", ["report", "comment", "vote", "follow", "area"])
def test_ban_that_is_over_refuses_nothing(act: str, report: Report, author: User, ban_of_author: Ban) -> None:
    Ban.objects.update(lifted_at=timezone.now())
    acts(report, author)[act]()


def test_ban_refuses_to_correct_ones_words(report: Report, author: User) -> None:
    comment = add_comment(report=report, text="Toujours là.", author=author)
    Ban.objects.create(user=author, until=timezone.now() + timedelta(days=1))
    with pytest.raises(Banned):
        edit_comment(comment=comment, text="Pire encore.", author=author)


def test_ban_lets_support_be_taken_back(report: Report, author: User) -> None:
    community.vote(report=report, user=author)
    Ban.objects.create(user=author, until=timezone.now() + timedelta(days=1))
    assert community.unvote(report=report, user=author)


def test_ban_lets_staff_speak_for_their_organisation(
    report: Report, operator: User, organisation: Organisation
) -> None:
    Ban.objects.create(user=operator, until=timezone.now() + timedelta(days=1))
    assert add_comment(report=report, text="Nous passons demain.", author=operator, organisation=organisation).pk
    with pytest.raises(Banned):
        add_comment(report=report, text="Moi, je m’en moque.", author=operator)


def test_ban_lets_staff_work(client: Client, report: Report, moderator: User) -> None:
    Ban.objects.create(user=moderator, until=timezone.now() + timedelta(days=1))
    client.force_login(moderator)
    assert client.get(reverse("admin:reports_report_queue")).status_code == 200
    page = reverse("admin:reports_report_note", args=[report.pk])
    assert client.post(page, {"text": "Vu sur place."}).status_code == 302


def test_ban_lets_a_repeated_sending_find_its_report(author: User, quarter: Quarter) -> None:
    category = CategoryFactory()
    what: dict[str, Any] = {"category": category, "point": ReportFactory(quarter=quarter).point, "reporter": author}
    first = create_report(**what, idempotency_key="k1")
    Ban.objects.create(user=author, until=timezone.now() + timedelta(days=1))
    assert create_report(**what, idempotency_key="k1").report == first.report


PAGES: list[tuple[str, dict[str, str]]] = [
    ("comment-write", {"text": "Moi aussi."}),
    ("report-support", {}),
    ("report-follow", {"email": "a@example.org"}),
    ("report-flag", {"reason": "spam"}),
]


@pytest.mark.parametrize(("name", "fields"), PAGES)
def test_page_says_until_when_and_how_to_contest(
    name: str, fields: dict[str, str], report: Report, phone: Client, ban_of_device: Ban
) -> None:
    response = phone.post(reverse(name, args=[report.ref]), fields, headers=OURS)
    words = response.content.decode()
    assert response.status_code == 403
    assert date_format(localtime(ban_of_device.until), "DATETIME_FORMAT") in words
    assert f'href="/motifs/{ban_of_device.token}/"' in words
    assert "no-store" in response["Cache-Control"]


def test_page_of_a_new_report_refuses_the_person(client: Client, author: User, ban_of_author: Ban) -> None:
    client.force_login(author)
    quarter = ReportFactory().quarter
    fields = {"category": "pothole", "lon": CENTRE[0], "lat": CENTRE[1], "anyway": "1", "quarter": quarter.pk}
    response = client.post(reverse("report-new"), fields, headers=OURS)
    assert (response.status_code, Report.objects.filter(reporter=author).count()) == (403, 0)


def test_page_of_an_area_refuses_the_person(client: Client, author: User, ban_of_author: Ban) -> None:
    client.force_login(author)
    category = CategoryFactory()
    response = client.post(reverse("follow-area"), {"kind": "quarter", "category": category.code}, headers=OURS)
    assert (response.status_code, Follow.objects.filter(user=author).count()) == (403, 0)


def test_page_tells_its_script_where_to_go(report: Report, phone: Client, ban_of_device: Ban) -> None:
    headers = {**OURS, "accept": "application/json"}
    response = phone.post(reverse("comment-write", args=[report.ref]), {"text": "Moi aussi."}, headers=headers)
    assert (response.status_code, response.json()["banned"]) == (403, f"/motifs/{ban_of_device.token}/")


def test_page_stays_readable(report: Report, phone: Client, ban_of_device: Ban) -> None:
    assert phone.get(report.get_absolute_url()).status_code == 200
    assert phone.get(reverse("report-new")).status_code == 200


@pytest.mark.parametrize(
    ("path", "method", "body"),
    [
        ("/reports/", "post", NEW_REPORT),
        ("/reports/{ref}/comments/", "post", {"text": "Moi aussi."}),
        ("/reports/{ref}/vote/", "put", {}),
        ("/reports/{ref}/follow/", "put", {}),
        ("/me/follows/", "post", {"category": "pothole"}),
    ],
)
def test_api_answers_with_a_problem(
    path: str, method: str, body: dict[str, Any], client: Client, report: Report, author: User, ban_of_author: Ban
) -> None:
    response = send(client, path.format(ref=report.ref), body, user=author, method=method)
    told = response.json()
    assert (response.status_code, response["Content-Type"]) == (403, "application/problem+json")
    assert (told["code"], told["until"]) == ("banned", ban_of_author.until.isoformat())
    assert told["appeal"].endswith(f"/motifs/{ban_of_author.token}/")


def test_ban_of_a_moderator_leaves_their_role(author: User, quarter: Quarter) -> None:
    give(author, Role.MODERATOR, quarter=quarter)
    report = ReportFactory(quarter=quarter)
    Ban.objects.create(user=author, until=timezone.now() + timedelta(days=1))
    assert list(Report.objects.judged_by(author)) == [report]


# --- Told before they type --------------------------------------------------------------------------------------------


def told(client: Client, page: str) -> bool:
    """Say whether a page shows that taking part is suspended."""
    return " data-suspended>" in client.get(page).content.decode()


@pytest.mark.parametrize("page", ["report-new", "comment-write"])
def test_ban_of_a_device_is_told_before_it_types(page: str, phone: Client, report: Report, ban_of_device: Ban) -> None:
    address = reverse(page, args=[report.ref] if page == "comment-write" else [])
    words = phone.get(address).content.decode()
    assert [told(phone, address), reverse("statement", args=[ban_of_device.token]) in words] == [True, True]
    Ban.objects.update(lifted_at=timezone.now())
    assert not told(phone, address)


def test_ban_of_a_person_is_told_before_they_type(
    client: Client, author: User, stranger: User, ban_of_author: Ban
) -> None:
    client.force_login(author)
    assert told(client, reverse("report-new"))
    client.force_login(stranger)
    assert not told(client, reverse("report-new"))


def test_ban_is_told_by_the_personal_request(
    client: Client, phone: Client, author: User, ban_of_author: Ban, ban_of_device: Ban
) -> None:
    client.force_login(author)
    for asks, ban in [(client, ban_of_author), (phone, ban_of_device)]:
        suspended = asks.get(reverse("own")).json()["suspended"]
        until = date_format(localtime(ban.until), "DATETIME_FORMAT")
        assert (until in suspended["words"], suspended["url"]) == (True, reverse("statement", args=[ban.token]))


def test_form_of_somebody_without_a_cookie_asks_nothing(client: Client, ban_of_device: Ban) -> None:
    response = client.get(reverse("report-new"))
    assert ("Cookie" in response.get("Vary", ""), dict(response.cookies)) == (False, {})
    assert not told(client, reverse("report-new"))
