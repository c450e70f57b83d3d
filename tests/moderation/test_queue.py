"""Judging what waits: one report after the other, and nothing typed is ever lost."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from accounts.models import User
from moderation.wording import REASONS
from reports import workflow
from reports.models import Event, Report
from tests.factories import CENTRE, CategoryFactory, PhotoFactory, ReportFactory
from tests.moderation.conftest import post, signed_in, words_of

pytestmark = pytest.mark.django_db
QUEUE = "/admin/reports/report/queue/"


def shown(response: Any) -> str:
    """Return the number of the report that stands on the queue's page."""
    return str(response.context["report"].ref)


def pending(hours: float, **fields: object) -> Report:
    """Return a report that has waited for some hours."""
    report: Report = ReportFactory(
        status=workflow.PENDING, received_at=timezone.now() - timedelta(hours=hours), **fields
    )
    return report


def test_queue_shows_the_oldest_first(moderator: User) -> None:
    pending(1)
    oldest = pending(30)
    pending(2)
    response = signed_in(moderator).get(QUEUE)
    assert shown(response) == oldest.ref
    assert "3 signalements attendent" in words_of(response)


def test_queue_is_empty_in_words(moderator: User) -> None:
    assert "Rien n’attend votre validation" in words_of(signed_in(moderator).get(QUEUE))


def test_queue_puts_off(moderator: User) -> None:
    first, second = pending(3), pending(2)
    client = signed_in(moderator)
    assert shown(client.get(QUEUE, {"after": first.pk})) == second.ref
    end = client.get(QUEUE, {"after": second.pk})
    assert "Vous êtes au bout de la file" in words_of(end)


@pytest.mark.parametrize("after", ["", "x", "-1", "99999999999999999999999", "'"])
def test_queue_ignores_a_strange_position(after: str, moderator: User) -> None:
    report = pending(3)
    assert shown(signed_in(moderator).get(QUEUE, {"after": after})) == report.ref


def test_queue_shows_what_is_near(moderator: User) -> None:
    category = CategoryFactory(duplicate_radius_m=50)
    report = pending(3, category=category)
    near = ReportFactory(category=category, point=Point(CENTRE[0] + 0.0002, CENTRE[1], srid=4326))
    ReportFactory(category=category, point=Point(CENTRE[0] + 0.002, CENTRE[1], srid=4326))
    response = signed_in(moderator).get(QUEUE)
    assert [(found.report.ref, round(found.report.distance.m)) for found in response.context["near"]] == [
        (near.ref, 22)
    ]
    assert "même catégorie" in words_of(response)
    assert report.ref == shown(response)


def test_accept_publishes_and_goes_on(moderator: User) -> None:
    first, second = pending(3), pending(2)
    client = signed_in(moderator)
    url = reverse("admin:reports_report_decide", args=[first.pk])
    response = client.post(url, {"to": workflow.OPEN, "seen": workflow.PENDING}, follow=True)
    first.refresh_from_db()
    assert (first.status, first.published_at is not None) == (workflow.OPEN, True)
    assert shown(response) == second.ref
    assert f"{first.ref} est publié." in words_of(response)
    event = first.events.get()
    assert (event.kind, event.actor, event.is_public) == (Event.Kind.STATUS_CHANGED, moderator, True)


def test_reject_with_a_ready_reason_speaks_the_authors_language(moderator: User) -> None:
    report = pending(1, language="fr")
    post(
        moderator,
        "decide",
        report,
        to=workflow.REJECTED,
        seen=workflow.PENDING,
        reason="private",
        note="Voir le syndic.",
    )
    report.refresh_from_db()
    assert report.status == workflow.REJECTED
    assert report.rejection_reason == "Le problème se trouve sur un terrain privé. Voir le syndic."


def test_reject_without_reason_is_refused(moderator: User) -> None:
    report = pending(1)
    response = post(moderator, "decide", report, to=workflow.REJECTED, seen=workflow.PENDING)
    report.refresh_from_db()
    assert response.status_code == 422
    assert "Expliquez ce changement en quelques mots." in words_of(response)
    assert report.status == workflow.PENDING
    assert shown(response) == report.ref


def test_reject_with_too_long_a_reason_keeps_the_words(moderator: User) -> None:
    report = pending(1)
    words = "trop long " * 60
    response = post(moderator, "decide", report, to=workflow.REJECTED, seen=workflow.PENDING, note=words)
    assert response.status_code == 422
    assert "au plus" in words_of(response)
    assert words.strip() in words_of(response)


def test_reject_with_an_unknown_ready_reason_is_refused(moderator: User) -> None:
    report = pending(1)
    response = post(moderator, "decide", report, to=workflow.REJECTED, seen=workflow.PENDING, reason="because")
    assert response.status_code == 422
    assert "because" not in REASONS


def test_duplicate_in_one_tap(moderator: User) -> None:
    original = ReportFactory()
    report = pending(1)
    post(moderator, "decide", report, to=workflow.DUPLICATE, seen=workflow.PENDING, original=original.ref)
    report.refresh_from_db()
    assert (report.status, report.duplicate_of) == (workflow.DUPLICATE, original)


@pytest.mark.parametrize("typed", ["{0}", " {0} ", "{1}", "#{0}", "{2}"])
def test_duplicate_number_may_be_typed_loosely(typed: str, moderator: User) -> None:
    original = ReportFactory(ref="K7M-4QX")
    report = pending(1)
    number = typed.format(original.ref, original.ref.lower(), original.ref.replace("-", ""))
    post(moderator, "decide", report, to=workflow.DUPLICATE, seen=workflow.PENDING, original=number)
    report.refresh_from_db()
    assert report.duplicate_of == original


def test_duplicate_of_an_unknown_number(moderator: User) -> None:
    report = pending(1)
    response = post(moderator, "decide", report, to=workflow.DUPLICATE, seen=workflow.PENDING, original="ZZZ-999")
    report.refresh_from_db()
    assert response.status_code == 422
    assert "Aucun signalement ne porte le numéro" in words_of(response)
    assert 'value="ZZZ-999"' in words_of(response)
    assert report.status == workflow.PENDING


def test_duplicate_of_itself(moderator: User) -> None:
    report = pending(1)
    response = post(moderator, "decide", report, to=workflow.DUPLICATE, seen=workflow.PENDING, original=report.ref)
    report.refresh_from_db()
    assert response.status_code == 422
    assert "Choisissez comme origine un autre signalement" in words_of(response)
    assert report.status == workflow.PENDING


def test_duplicate_of_a_report_out_of_sight_is_unknown(moderator_elsewhere: User, moderator: User) -> None:
    hidden = ReportFactory(status=workflow.PENDING)
    report = ReportFactory(status=workflow.PENDING)
    report.quarter = report.quarter.__class__.objects.create(
        town=moderator_elsewhere.memberships.get().town,  # type: ignore[misc]
        slug="akwa",
        name="Akwa",
        boundary=report.quarter.boundary,
    )
    report.save()
    response = post(
        moderator_elsewhere, "decide", report, to=workflow.DUPLICATE, seen=workflow.PENDING, original=hidden.ref
    )
    assert response.status_code == 422
    assert "Aucun signalement ne porte le numéro" in words_of(response)


def test_stale_decision_says_so_and_keeps_the_words(moderator: User) -> None:
    report = pending(1)
    Report.objects.filter(pk=report.pk).update(status=workflow.OPEN, published_at=timezone.now())
    response = post(
        moderator,
        "decide",
        report,
        to=workflow.REJECTED,
        seen=workflow.PENDING,
        note="Terrain du lycée, <b>pas</b> la rue.",
    )
    report.refresh_from_db()
    text = words_of(response)
    assert response.status_code == 409
    assert report.status == workflow.OPEN
    assert "Déjà jugé" in text
    assert "Terrain du lycée, &lt;b&gt;pas&lt;/b&gt; la rue." in text
    assert report.events.count() == 0


def test_decision_outside_the_three_is_a_bad_request(moderator: User) -> None:
    report = pending(1)
    assert post(moderator, "decide", report, to=workflow.RESOLVED, seen=workflow.PENDING, note="x").status_code == 400


def test_reloading_a_decision_goes_back_to_the_queue(moderator: User) -> None:
    report = pending(1)
    response = signed_in(moderator).get(reverse("admin:reports_report_decide", args=[report.pk]))
    assert (response.status_code, response["Location"]) == (302, QUEUE)


@pytest.mark.parametrize("rows", [1, 6])
def test_queue_costs_the_same_however_much_is_near(
    rows: int, moderator: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    report = pending(1)
    PhotoFactory(report=report)
    for _number in range(rows):
        PhotoFactory(report=ReportFactory())
    client = signed_in(moderator)
    with django_assert_max_num_queries(20):
        assert len(client.get(QUEUE).context["near"]) == rows
