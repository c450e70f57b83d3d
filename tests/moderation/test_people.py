"""Accounts and responsibilities: kept by administrators, who cannot give more than they have."""

import pytest
from django.contrib.staticfiles import finders
from django.urls import reverse

from accounts.models import Membership, Role, User
from moderation.icons import CATEGORY_ICONS
from reports.models import Category, Organisation, Quarter, Town
from tests.factories import CategoryFactory
from tests.moderation.conftest import signed_in

pytestmark = pytest.mark.django_db
# The responsibilities shown with a person, as the browser sends them back.
NO_ROWS = {"memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0}


def test_giving_a_responsibility_opens_the_admin(administrator: User, stranger: User, quarter: Quarter) -> None:
    fields = {"user": stranger.pk, "role": Role.MODERATOR, "quarter": quarter.pk, "town": "", "organisation": ""}
    response = signed_in(administrator).post(reverse("admin:accounts_membership_add"), fields)
    stranger.refresh_from_db()
    assert response.status_code == 302
    assert (stranger.is_staff, stranger.memberships.get().quarter_id) == (True, quarter.pk)


def test_scope_that_does_not_fit_the_role_is_refused(administrator: User, stranger: User, quarter: Quarter) -> None:
    fields = {"user": stranger.pk, "role": Role.OPERATOR, "quarter": quarter.pk, "town": "", "organisation": ""}
    response = signed_in(administrator).post(reverse("admin:accounts_membership_add"), fields)
    stranger.refresh_from_db()
    assert response.status_code == 200
    assert "une intervention sur un organisme" in response.content.decode()
    assert (stranger.is_staff, stranger.memberships.count()) == (False, 0)


def test_taking_the_last_responsibility_back_closes_the_admin(administrator: User, moderator: User) -> None:
    row = moderator.memberships.get()
    response = signed_in(administrator).post(
        reverse("admin:accounts_membership_delete", args=[row.pk]), {"post": "yes"}
    )
    moderator.refresh_from_db()
    assert response.status_code == 302
    assert (moderator.is_staff, moderator.memberships.count()) == (False, 0)


def test_nobody_takes_their_own_responsibility_back(administrator: User) -> None:
    row = administrator.memberships.get()
    response = signed_in(administrator).post(
        reverse("admin:accounts_membership_delete", args=[row.pk]), {"post": "yes"}
    )
    assert response.status_code == 403
    assert Membership.objects.filter(pk=row.pk).exists()


def test_responsibility_is_not_changed_in_place(administrator: User, moderator: User, town: Town) -> None:
    row = moderator.memberships.get()
    response = signed_in(administrator).post(
        reverse("admin:accounts_membership_change", args=[row.pk]),
        {"user": administrator.pk, "role": Role.MODERATOR, "town": town.pk},
    )
    row.refresh_from_db()
    assert (response.status_code, row.user) == (403, moderator)


def test_administrator_makes_an_account(administrator: User) -> None:
    fields = {
        "email": "nouvelle@example.org",
        "name": "Awa",
        "language": "fr",
        "password1": "une phrase bien longue",
        "password2": "une phrase bien longue",
    }
    signed_in(administrator).post(reverse("admin:accounts_user_add"), fields)
    person = User.objects.get(email="nouvelle@example.org")
    assert person.check_password("une phrase bien longue")
    assert (person.is_staff, person.is_superuser) == (False, False)


def test_administrator_cannot_make_a_superuser(administrator: User, stranger: User) -> None:
    fields = {
        "email": stranger.email,
        "name": "",
        "language": "fr",
        "is_active": "on",
        "is_superuser": "on",
        "is_staff": "on",
        **NO_ROWS,
    }
    signed_in(administrator).post(reverse("admin:accounts_user_change", args=[stranger.pk]), fields)
    stranger.refresh_from_db()
    assert (stranger.is_superuser, stranger.is_staff) == (False, False)


def test_administrator_cannot_touch_a_superuser(administrator: User) -> None:
    root = User.objects.create_superuser("racine@example.org", "correct horse battery")
    client = signed_in(administrator)
    response = client.post(reverse("admin:accounts_user_change", args=[root.pk]), {"email": administrator.email})
    root.refresh_from_db()
    assert (response.status_code, root.email) == (403, "racine@example.org")


def test_administrator_switches_an_account_off_but_not_their_own(administrator: User, moderator: User) -> None:
    client = signed_in(administrator)
    for person in (moderator, administrator):
        fields = {"email": person.email, "name": person.name, "language": "fr", **NO_ROWS}
        client.post(reverse("admin:accounts_user_change", args=[person.pk]), fields)
        person.refresh_from_db()
    assert (moderator.is_active, administrator.is_active) == (False, True)


def test_accounts_and_categories_are_not_deleted(administrator: User, stranger: User) -> None:
    category = CategoryFactory()
    client = signed_in(administrator)
    for name, row in (("accounts_user", stranger), ("reports_category", category)):
        assert client.post(reverse(f"admin:{name}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk=stranger.pk).exists()
    assert Category.objects.filter(pk=category.pk).exists()


def test_every_icon_that_may_be_chosen_is_in_the_sprite() -> None:
    path = finders.find("fmq/icons.svg")
    assert isinstance(path, str)
    with open(path, encoding="utf-8") as sprite:  # noqa: PTH123  (one line)
        drawn = sprite.read()
    assert [name for name in CATEGORY_ICONS if f'id="i-{name}"' not in drawn] == []


def test_category_is_saved_with_an_icon(administrator: User) -> None:
    category = CategoryFactory()
    fields = {
        "name_fr": "Nid-de-poule",
        "name_en": "Pothole",
        "group_fr": "",
        "group_en": "",
        "icon": "leak",
        "position": 1,
        "is_active": "on",
        "duplicate_radius_m": 50,
        "response_days": 3,
        "repair_days": 30,
        "urgency": 1,
    }
    signed_in(administrator).post(reverse("admin:reports_category_change", args=[category.pk]), fields)
    category.refresh_from_db()
    assert (category.icon, category.code) == ("leak", "pothole")


@pytest.mark.parametrize("email", ["inconnu@example.org", "INCONNU@Example.org"])
def test_account_with_an_address_that_somebody_has(email: str, administrator: User, stranger: User) -> None:
    fields = {"email": email, "language": "fr", "password1": "une phrase bien longue"}
    fields["password2"] = fields["password1"]
    response = signed_in(administrator).post(reverse("admin:accounts_user_add"), fields)
    words = "Quelqu’un a déjà un compte avec cette adresse. Cherchez-le dans la liste des personnes."
    assert response.context["adminform"].form.errors == {"email": [words]}
    assert User.objects.filter(email__iexact=email).get() == stranger


@pytest.mark.parametrize("email", ["", "pas une adresse"])
def test_account_needs_an_address(email: str, administrator: User) -> None:
    count = User.objects.count()
    fields = {
        "email": email,
        "language": "fr",
        "password1": "une phrase bien longue",
        "password2": "une phrase bien longue",
    }
    assert signed_in(administrator).post(reverse("admin:accounts_user_add"), fields).status_code == 200
    assert User.objects.count() == count


def test_organisation_is_added(administrator: User) -> None:
    fields = {"slug": "parcs", "name": "Parcs et jardins", "kind": Organisation.Kind.TOWN_HALL, "email": "", "town": ""}
    signed_in(administrator).post(reverse("admin:reports_organisation_add"), fields)
    assert Organisation.objects.filter(slug="parcs").exists()


def test_form_of_a_new_account_wears_the_theme(administrator: User) -> None:
    response = signed_in(administrator).get(reverse("admin:accounts_user_add"))
    form = response.context["adminform"].form
    assert {name: "border" in str(form[name]) for name in form.fields} == dict.fromkeys(form.fields, True)
    assert {form[name].field.widget.attrs["autocomplete"] for name in ("password1", "password2")} == {"new-password"}
