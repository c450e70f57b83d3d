"""Filing a report: routed, published or held, and only once."""

import secrets
import threading
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.db import connection

from accounts.models import User
from reports.errors import DuplicateKey, OutsideServedArea
from reports.models import Category, Event, Follow, Organisation, Quarter, Report
from reports.services.reporting import Filing, create_report
from tests.factories import (
    CENTRE,
    CategoryFactory,
    OrganisationFactory,
    PhotoFactory,
    QuarterFactory,
    ReportFactory,
    RoutingRuleFactory,
    square,
)

HERE = Point(*CENTRE, srid=4326)


def send(category: Category, **fields: Any) -> Filing:
    return create_report(category=category, point=fields.pop("point", HERE), **fields)


def test_create_report_with_nothing_but_a_category_and_a_place(quarter: Quarter, category: Category) -> None:
    report = send(category).report
    assert (report.status, report.quarter, report.reporter, report.description) == ("pending", quarter, None, "")
    assert list(report.events.values_list("kind", "is_public", "actor_role")) == [("created", False, "reporter")]


def test_create_report_in_a_post_moderated_category(quarter: Quarter) -> None:
    report = send(CategoryFactory(code="lamp", post_moderated=True)).report
    assert report.status == "open"
    assert report.published_at is not None
    assert report.events.get().is_public


def test_create_report_by_staff_of_the_place_is_public(quarter: Quarter, category: Category, moderator: User) -> None:
    assert send(category, reporter=moderator).report.status == "open"


def test_create_report_never_names_its_author(quarter: Quarter, author: User) -> None:
    report = send(CategoryFactory(code="lamp", post_moderated=True), reporter=author, contact_email="a@b.cm").report
    event = report.events.get()
    assert event.actor_name == ""
    assert "a@b.cm" not in str(event.data)


def test_create_report_outside_every_quarter(quarter: Quarter, category: Category) -> None:
    with pytest.raises(OutsideServedArea):
        send(category, point=Point(2.35, 48.85, srid=4326))
    assert Report.objects.count() == 0


def test_create_report_where_two_quarters_overlap(quarter: Quarter, category: Category) -> None:
    small = QuarterFactory(
        slug="carrefour", name="Carrefour", boundary=square(CENTRE[0] - 0.001, CENTRE[1] - 0.001, 0.002)
    )
    assert send(category).report.quarter == small


def test_create_report_routes_by_the_most_specific_rule(quarter: Quarter, category: Category) -> None:
    anything, by_quarter, by_category, both = (
        OrganisationFactory(slug=slug) for slug in ("tout", "quartier", "categorie", "les-deux")
    )
    expected: list[Organisation | None] = [None]
    routed = [send(category).report.organisation]
    for organisation, condition in (
        (anything, {}),
        (by_quarter, {"quarter": quarter}),
        (by_category, {"category": category}),
        (both, {"category": category, "quarter": quarter}),
    ):
        RoutingRuleFactory(organisation=organisation, **condition)
        expected.append(organisation)
        routed.append(send(category).report.organisation)
    assert routed == expected


def test_create_report_again_with_the_same_key(quarter: Quarter, category: Category) -> None:
    first = send(category, description="Un trou", idempotency_key="k1")
    again = send(category, description="Un trou", idempotency_key="k1")
    assert (again.report, again.follow, again.is_new) == (first.report, first.follow, False)
    assert Event.objects.count() == 1


def test_create_report_with_a_used_key_and_other_content(quarter: Quarter, category: Category) -> None:
    send(category, description="Un trou", idempotency_key="k1")
    with pytest.raises(DuplicateKey):
        send(category, description="Un arbre", idempotency_key="k1")


@pytest.mark.django_db(transaction=True)
def test_create_report_twice_at_once(quarter: Quarter, category: Category) -> None:
    refs: list[str] = []
    start = threading.Barrier(4)

    def file() -> None:
        start.wait()
        try:
            refs.append(send(category, description="Un trou", idempotency_key="k1").report.ref)
        finally:
            connection.close()

    threads = [threading.Thread(target=file) for _unused in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refs == [Report.objects.get().ref] * 4
    assert Follow.objects.count() == 1


def test_create_report_draws_again_when_the_number_is_taken(
    quarter: Quarter, category: Category, monkeypatch: pytest.MonkeyPatch
) -> None:
    ReportFactory(ref="AAA-AAA", quarter=quarter)
    drawn = iter("AAAAAACCCCCC")
    monkeypatch.setattr(secrets, "choice", lambda _alphabet: next(drawn))
    assert send(category).report.ref == "CCC-CCC"


def test_create_report_takes_its_waiting_photos(quarter: Quarter, category: Category) -> None:
    photos = [PhotoFactory(report=None), PhotoFactory(report=None)]
    report = send(category, photos=photos).report
    assert list(report.photos.all()) == photos
    assert report.events.get(kind=Event.Kind.PHOTO_ADDED).data["count"] == 2


def test_create_report_does_not_take_the_photo_of_another(quarter: Quarter, category: Category) -> None:
    taken = PhotoFactory()
    send(category, photos=[taken])
    owner = taken.report
    taken.refresh_from_db()
    assert taken.report == owner
