"""What every page of the back office shares."""

from collections.abc import Callable
from functools import update_wrapper
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest, HttpResponse

from accounts.models import User
from moderation.permissions import administers, judges
from reports.models import Report

if TYPE_CHECKING:
    # The theme ships no types; its classes are Django's with another look. Django's own are generic for mypy only.
    from django.contrib.admin import ModelAdmin, TabularInline
    from django.contrib.auth.forms import BaseUserCreationForm

    NewUserForm = BaseUserCreationForm[User]
    ReportPaginator = Paginator[Report]
else:
    from django.contrib.auth.forms import BaseUserCreationForm as NewUserForm
    from django.core.paginator import Paginator as ReportPaginator
    from unfold.admin import ModelAdmin as ThemeModelAdmin
    from unfold.admin import TabularInline as ThemeTabularInline

    class ModelAdmin(ThemeModelAdmin):
        def __class_getitem__(cls, _model: object) -> type:
            return cls

    class TabularInline(ThemeTabularInline):
        def __class_getitem__(cls, _models: object) -> type:
            return cls


__all__ = [
    "AdministratorsOnly",
    "JudgesOnly",
    "ModelAdmin",
    "NewUserForm",
    "ReportPaginator",
    "TabularInline",
    "judge_of",
    "signed_in",
]


def signed_in(request: HttpRequest) -> User:
    """Return the person behind a request that the admin site has let in."""
    if isinstance(request.user, AnonymousUser):
        raise PermissionDenied
    return request.user


class AdministratorsOnly(ModelAdmin[Any]):
    """A table that administrators keep; nobody else sees that it exists.

    Roles are rows (`Membership`), so Django's own permission tables are not asked.
    """

    may_add = True
    may_change = True
    may_delete = False
    list_per_page = 50
    show_full_result_count = False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return administers(request.user)

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return administers(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.may_add and administers(request.user)

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self.may_change and administers(request.user)

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self.may_delete and administers(request.user)


class JudgesOnly(ModelAdmin[Any]):
    """A table that moderators work through on pages of our own, past which nothing is added, changed or deleted."""

    def page(self, view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        """Return a view `(request, context, …)` behind the admin's door, with what its frame needs."""

        def inside(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            return view(request, self.admin_site.each_context(request), **kwargs)

        def wrapper(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            return self.admin_site.admin_view(update_wrapper(inside, view))(request, **kwargs)

        return update_wrapper(wrapper, view)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return judges(request.user)

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return judges(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


def judge_of(request: HttpRequest) -> User:
    """Return the person, who judges somewhere.

    Raises:
        PermissionDenied
    """
    person = signed_in(request)
    if not judges(person):
        raise PermissionDenied
    return person
