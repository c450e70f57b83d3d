"""Rows for tests: a served square kilometre of quarters, people, reports in any state."""

import uuid
from datetime import timedelta
from typing import Any, Generic, TypeVar

import factory
from django.contrib.gis.geos import MultiPolygon, Point, Polygon
from django.utils import timezone
from factory.django import DjangoModelFactory

from accounts.models import Role, User
from reports import workflow
from reports.models import Category, Follow, Organisation, Photo, Quarter, Report, RoutingRule, Town
from reports.models.report import new_ref

PASSWORD = "correct horse battery"
# In the middle of the first quarter that QuarterFactory makes for a town.
CENTRE = (11.505, 3.865)


Row = TypeVar("Row")


class Maker(Generic[Row]):
    """Calls a factory, and knows what comes out: factory_boy's classes return rows that no type checker can guess."""

    def __init__(self, factory_class: type[Any]) -> None:
        self.factory_class = factory_class

    def __call__(self, **fields: Any) -> Row:
        row: Row = self.factory_class.create(**fields)
        return row

    def create_batch(self, size: int, **fields: Any) -> list[Row]:
        return [self(**fields) for _unused in range(size)]


def square(west: float, south: float, side: float = 0.01) -> MultiPolygon:
    """Return a square boundary in degrees."""
    return MultiPolygon(Polygon.from_bbox((west, south, west + side, south + side)), srid=4326)


class _User(DjangoModelFactory[User]):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"personne{n}@example.org")
    name = factory.Sequence(lambda n: f"Personne {n}")

    @classmethod
    def _create(cls, model_class: type[User], *_args: Any, **kwargs: Any) -> User:
        return model_class.objects.create_user(password=PASSWORD, **kwargs)


class _Town(DjangoModelFactory[Town]):
    class Meta:
        model = Town
        django_get_or_create = ("slug",)

    slug = "yaounde"
    name = "Yaoundé"
    boundary = factory.LazyFunction(lambda: square(11.5, 3.86, 0.02))
    centre = factory.LazyFunction(lambda: Point(11.51, 3.87, srid=4326))


class _Quarter(DjangoModelFactory[Quarter]):
    class Meta:
        model = Quarter
        django_get_or_create = ("town", "slug")

    town = factory.SubFactory(_Town)
    slug = "mokolo"
    name = "Mokolo"
    boundary = factory.LazyFunction(lambda: square(11.5, 3.86))


class _Category(DjangoModelFactory[Category]):
    class Meta:
        model = Category
        django_get_or_create = ("code",)

    code = "pothole"
    name_fr = "Nid-de-poule"
    name_en = "Pothole"
    group_fr = "Voirie"
    group_en = "Roads"
    icon = "pothole"


class _Organisation(DjangoModelFactory[Organisation]):
    class Meta:
        model = Organisation
        django_get_or_create = ("slug",)

    slug = "voirie"
    name = "Service de la voirie"
    kind = Organisation.Kind.TOWN_HALL


class _RoutingRule(DjangoModelFactory[RoutingRule]):
    class Meta:
        model = RoutingRule

    organisation = factory.SubFactory(_Organisation)


class _Report(DjangoModelFactory[Report]):
    """A report in any status, with the dates and the author's link that this status implies."""

    class Meta:
        model = Report
        skip_postgeneration_save = True

    ref = factory.LazyFunction(new_ref)
    category = factory.SubFactory(_Category)
    quarter = factory.SubFactory(_Quarter)
    organisation = factory.SubFactory(_Organisation)
    point = factory.LazyFunction(lambda: Point(*CENTRE, srid=4326))
    description = "Un trou profond au milieu de la chaussée."
    address = "Devant le marché"
    status = workflow.OPEN
    published_at = factory.LazyAttribute(
        lambda report: None if report.status in {workflow.PENDING, workflow.WITHDRAWN} else timezone.now()
    )
    due_at = factory.LazyAttribute(
        lambda report: report.published_at + timedelta(days=30) if report.published_at else None
    )
    # As the category's own days promise it: 3 for the answer, 30 for the repair.
    clock_started_at = factory.SelfAttribute("published_at")
    answer_due_at = factory.LazyAttribute(
        lambda report: report.published_at + timedelta(days=3) if report.published_at else None
    )
    due_soon_at = factory.LazyAttribute(lambda report: report.due_at - timedelta(days=6) if report.due_at else None)
    very_late_at = factory.LazyAttribute(lambda report: report.due_at + timedelta(days=60) if report.due_at else None)
    resolved_at = factory.LazyAttribute(lambda report: timezone.now() if report.status == workflow.RESOLVED else None)
    duplicate_of = factory.Maybe(
        factory.LazyAttribute(lambda report: report.status == workflow.DUPLICATE),
        yes_declaration=factory.SubFactory("tests.factories._Report", status=workflow.OPEN),
        no_declaration=None,
    )

    @factory.post_generation
    def follow(self: Any, create: bool, _extracted: Any, **_kwargs: Any) -> None:  # noqa: FBT001  (factory_boy's signature)
        if create:
            Follow.objects.create(report=self, user=self.reporter, email=self.contact_email, is_reporter=True)


class _Photo(DjangoModelFactory[Photo]):
    """A finished photo; its files are only names."""

    class Meta:
        model = Photo

    report = factory.SubFactory(_Report)
    key = factory.LazyFunction(uuid.uuid4)
    status = Photo.Status.READY
    width = 1600
    height = 1200
    sizes = [320, 960, 1600]
    sha256 = factory.Sequence(lambda n: f"{n:064x}")


UserFactory = Maker[User](_User)
TownFactory = Maker[Town](_Town)
QuarterFactory = Maker[Quarter](_Quarter)
CategoryFactory = Maker[Category](_Category)
OrganisationFactory = Maker[Organisation](_Organisation)
RoutingRuleFactory = Maker[RoutingRule](_RoutingRule)
ReportFactory = Maker[Report](_Report)
PhotoFactory = Maker[Photo](_Photo)


def give(user: User, role: Role, **scope: Any) -> User:
    """Give a person a responsibility and return them."""
    from accounts.services import grant  # noqa: PLC0415

    grant(user=user, role=role, **scope)
    return user
