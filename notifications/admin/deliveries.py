"""The list of deliveries, for administrators: nothing is written here, and what is dead may be tried again.

No address is shown: a delivery keeps none.
"""

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet, prefetch_related_objects
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import Role, User
from notifications.errors import Reason
from notifications.models import Delivery
from notifications.services.deliver import replay
from notifications.wording import MESSAGES

if TYPE_CHECKING:
    # The theme ships no types; its classes are Django's with another look. Django's own are generic for mypy only.
    from django.contrib.admin import ModelAdmin

    DeliveryPaginator = Paginator[Delivery]
    DeliveryAdminBase = ModelAdmin[Delivery]
else:
    from unfold.admin import ModelAdmin as DeliveryAdminBase

    DeliveryPaginator = Paginator

# Counting stops here: whoever looks for something older narrows the filters.
COUNTED = 1000
PER_PAGE = 50
SHOWN = (
    "key",
    "about",
    "channel",
    "status",
    "tries",
    "why",
    "created_at",
    "next_try_at",
    "claimed_at",
    "sent_at",
    "uid",
)
# As the theme names the button in the form.
BUTTON = "notifications_delivery_replay_this"


class BoundedPaginator(DeliveryPaginator):
    """Counts no further than COUNTED rows, so that a list costs the same however many deliveries there were."""

    @cached_property
    def count(self) -> int:
        """Return the number of rows, at most COUNTED."""
        rows: QuerySet[Delivery] = self.object_list  # type: ignore[assignment]  # the admin gives it a queryset
        return len(rows.order_by().values_list("pk")[:COUNTED])


def administers(person: User | AnonymousUser) -> bool:
    """Whether this is an administrator."""
    if not isinstance(person, User) or not person.is_active:
        return False
    # Read once and kept with the person: every page of the admin asks.
    prefetch_related_objects([person], "memberships")
    return person.is_superuser or any(row.role == Role.ADMINISTRATOR for row in person.memberships.all())


@admin.register(Delivery)
class DeliveryAdmin(DeliveryAdminBase):
    """What went out, what waits and what was given up; administrators only."""

    list_display = ["created_at", "about", "channel", "status", "tries", "why", "next_try_at", "sent_at"]
    list_filter = ["status", "channel"]
    # By its beginning, which the index of the keys answers.
    search_fields = ["key__startswith"]
    search_help_text = _("Clé, par exemple event:812")
    list_per_page = PER_PAGE
    list_max_show_all = PER_PAGE
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = BoundedPaginator
    ordering = ["-id"]
    actions = ["replay_chosen"]
    actions_submit_line = ["replay_this"]
    fields = SHOWN
    readonly_fields = SHOWN

    @admin.display(description=_("au sujet de"), ordering="template")
    def about(self, row: Delivery) -> str:
        """Return what it is about, in words."""
        return str(MESSAGES.get(row.template, row.template))

    @admin.display(description=_("raison"))
    def why(self, row: Delivery) -> str:
        """Return why it was not sent: our own reason in words, or what the server answered."""
        return str(Reason(row.last_error).label) if row.last_error in Reason.values else row.last_error

    def has_module_permission(self, request: HttpRequest) -> bool:
        return administers(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Delivery | None = None) -> bool:
        return administers(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Delivery | None = None) -> bool:
        """Show the buttons; every field is read-only."""
        return administers(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Delivery | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Delivery, form: Form, change: bool) -> None:  # noqa: FBT001  (Django's signature)
        """Write nothing; the only button is « Relancer »."""
        if BUTTON in request.POST:
            self.replay_this(request, obj)

    def response_change(self, request: HttpRequest, obj: Delivery) -> HttpResponse:
        """Stay on the page, which says what happened."""
        return HttpResponseRedirect(request.path)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Leave the log to the audit entry that `replay` writes."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        hidden = {"show_save": False, "show_save_and_continue": False}
        return super().changeform_view(request, object_id, form_url, {**hidden, **(extra_context or {})})

    def get_actions_submit_line(self, request: HttpRequest, object_id: Any) -> Any:
        """Offer « Relancer » for what is dead."""
        dead = Delivery.objects.filter(pk=object_id, status=Delivery.Status.DEAD)
        return super().get_actions_submit_line(request, object_id) if dead.exists() else []  # type: ignore[misc]

    @admin.action(description=_("Relancer"))
    def replay_this(self, request: HttpRequest, obj: Delivery) -> None:
        """Try the delivery on the screen again."""
        self.replay_all(request, [obj])

    @admin.action(description=_("Relancer les envois abandonnés choisis"))
    def replay_chosen(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        """Try the chosen deliveries again; what is not dead is left alone."""
        self.replay_all(request, list(queryset.filter(status=Delivery.Status.DEAD)))

    def replay_all(self, request: HttpRequest, rows: list[Delivery]) -> None:
        """Try deliveries again, and say how many."""
        if not isinstance(request.user, User):
            raise PermissionDenied
        replayed = sum(replay(delivery=row, by=request.user) for row in rows)
        if replayed:
            words = ngettext("%(count)s envoi relancé.", "%(count)s envois relancés.", replayed)
            self.message_user(request, words % {"count": replayed}, messages.SUCCESS)
        else:
            self.message_user(request, _("Rien à relancer : choisissez des envois abandonnés."), messages.WARNING)
