"""What every page of the back office shares."""

from collections.abc import Callable
from functools import update_wrapper
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.http import urlencode

from accounts.models import AuditEntry, User
from accounts.services.audit import record
from moderation.permissions import administers, judges

if TYPE_CHECKING:
    # The theme ships no types; its classes are Django's with another look. Django's own are generic for mypy only.
    from django.contrib.admin import ModelAdmin, TabularInline
    from django.contrib.auth.forms import BaseUserCreationForm

    NewUserForm = BaseUserCreationForm[User]
    RowPaginator = Paginator[models.Model]
else:
    from django.contrib.auth.forms import BaseUserCreationForm as NewUserForm
    from django.core.paginator import Paginator as RowPaginator
    from unfold.admin import ModelAdmin as ThemeModelAdmin
    from unfold.admin import TabularInline as ThemeTabularInline

    class ModelAdmin(ThemeModelAdmin):
        def __class_getitem__(cls, _model: object) -> type:
            return cls

    class TabularInline(ThemeTabularInline):
        def __class_getitem__(cls, _models: object) -> type:
            return cls


# Parts of the names of fields whose values are nobody's business.
SECRETS = ("password", "secret", "token", "key")
LONGEST_VALUE = 200
# Counting stops here: whoever looks for something further back narrows the list.
COUNTED = 1000

__all__ = [
    "AdministratorsOnly",
    "BoundedPaginator",
    "JudgesOnly",
    "ModelAdmin",
    "NewUserForm",
    "Recorded",
    "TabularInline",
    "judge_of",
    "signed_in",
]


class BoundedPaginator(RowPaginator):
    """Counts no further than COUNTED rows, so that a list costs the same however many rows there are."""

    template_name = "moderation/parts/pages.html"

    @cached_property
    def count(self) -> int:
        """Return the number of rows, at most COUNTED."""
        rows: models.QuerySet[Any] = self.object_list  # type: ignore[assignment]  # the admin gives it a queryset
        return len(rows.order_by().values_list("pk")[:COUNTED])

    @property
    def is_cut(self) -> bool:
        """Whether there may be more rows than counted."""
        return self.count >= COUNTED


def signed_in(request: HttpRequest) -> User:
    """Return the person behind a request that the admin site has let in."""
    if isinstance(request.user, AnonymousUser):
        raise PermissionDenied
    return request.user


class Recorded(ModelAdmin[Any]):
    """A table whose changes go on the append-only record, with old and new values, instead of Django's own log."""

    def construct_change_message(
        self,
        request: HttpRequest,
        form: Any,
        formsets: Any,
        add: bool = False,  # noqa: FBT001, FBT002  (as Django declares it)
    ) -> Any:
        """Return what changed as `{field: [old, new]}`; rows beside it as `{"added": […], "changed": …}` by name."""
        changes: dict[str, Any] = {} if add else changes_of(form)
        for formset in formsets or []:
            beside = {
                "added": [str(row) for row in formset.new_objects],
                "changed": [str(row) for row, _fields in formset.changed_objects],
                "deleted": [str(row) for row in formset.deleted_objects],
            }
            if any(beside.values()):
                changes[str(formset.model._meta.verbose_name)] = beside  # noqa: SLF001  (Django's documented API)
        return changes

    def log_addition(self, request: HttpRequest, obj: models.Model, message: Any) -> Any:
        return put_down(AuditEntry.Kind.ROW_ADDED, request, obj, {})

    def log_change(self, request: HttpRequest, obj: models.Model, message: Any) -> Any:
        return put_down(AuditEntry.Kind.ROW_CHANGED, request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        return [put_down(AuditEntry.Kind.ROW_DELETED, request, row, {}) for row in queryset]

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Lead to the record, narrowed to this row."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        words = urlencode({"q": f"{self.opts.label_lower}:{object_id}"})
        return redirect(f"{reverse('admin:accounts_auditentry_changelist')}?{words}")


def changes_of(form: Any) -> dict[str, Any]:
    """Return `{field: [old, new]}` of a form that was saved, in words; what is secret only by its name."""
    changes = {}
    for name in form.changed_data:
        secret = any(word in name for word in SECRETS)
        values = (form.initial.get(name), form.cleaned_data.get(name))
        changes[name] = ["…", "…"] if secret else [str(value)[:LONGEST_VALUE] for value in values]
    return changes


def put_down(kind: str, request: HttpRequest, row: models.Model, data: dict[str, Any]) -> AuditEntry:
    """Put one change of a row on record; `about` is `<app>.<model>:<id>`."""
    about = f"{row._meta.label_lower}:{row.pk}"  # noqa: SLF001  (Django's documented API)
    return record(kind=kind, actor=signed_in(request), about=about, data={"name": str(row)[:80], **data})


class AdministratorsOnly(Recorded):
    """A table that administrators keep; nobody else sees that it exists.

    Roles are rows (`Membership`), so Django's own permission tables are not asked.
    """

    may_add = True
    may_change = True
    may_delete = False
    list_per_page = 50
    show_full_result_count = False
    paginator = BoundedPaginator

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
