"""People and their responsibilities: kept by administrators, written through `accounts.services`."""

from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.forms import ChoiceField, Form
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminSelectWidget

from accounts.models import Membership, User
from accounts.services import grant, revoke
from accounts.services.factor import reset_factor
from moderation.admin.base import AdministratorsOnly, NewUserForm, TabularInline, signed_in
from moderation.permissions import administers

TAKEN = gettext_lazy("Quelqu’un a déjà un compte avec cette adresse. Cherchez-le dans la liste des personnes.")


class NewPersonForm(NewUserForm):
    """An account for a colleague, with a first password to pass on by another way."""

    class Meta:
        model = User
        fields = ["email", "name", "language"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Declared by Django's own form, past the admin's choice of widgets.
        for name in ("password1", "password2"):
            self.fields[name].widget = UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"})

    def clean_email(self) -> str:
        """Return the address as it is kept, in small letters, provided that nobody has it."""
        email: str = self.cleaned_data["email"].lower()
        if User.objects.filter(email__iexact=email).exists():
            raise ValidationError(TAKEN, code="unique")
        return email


def languages(formfield: Any) -> Any:
    """Return the field as a choice of the languages that the portal speaks."""
    return ChoiceField(
        label=formfield.label,
        choices=settings.LANGUAGES,
        initial=settings.LANGUAGE_CODE,
        widget=UnfoldAdminSelectWidget,
    )


class Responsibilities(TabularInline[Membership, User]):
    """What somebody may do, shown with the person; given and taken back on its own page."""

    model = Membership
    fields = ("role", "town", "quarter", "organisation")
    readonly_fields = ("role", "town", "quarter", "organisation")
    extra = 0
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        return super().get_queryset(request).select_related("town", "quarter", "organisation")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return administers(request.user)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(User)
class UserAdmin(AdministratorsOnly):
    """Accounts are switched off, never deleted here: the log keeps who did what."""

    list_display = ["email", "name", "is_staff", "is_active", "date_joined"]
    list_filter = ["is_staff", "is_active"]
    search_fields = ["email", "name"]
    ordering = ["email"]
    inlines = [Responsibilities]
    fields = ["email", "name", "language", "is_active", "is_staff", "is_superuser", "date_joined", "last_login"]
    actions = ["reset_factor"]
    # Who enters the admin follows from the responsibilities; who may do everything, from the command line. Whose
    # address it is changes it, and shows that the new one is theirs.
    readonly_fields = ["email", "is_staff", "is_superuser", "date_joined", "last_login"]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        return languages(field) if db_field.name == "language" else field

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002  (Django's signature)
        if obj is None:
            kwargs["form"] = NewPersonForm
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields if obj else ["email", "name", "language", "password1", "password2"]

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return self.inlines if obj else []

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        # Nobody locks themselves out.
        own = ["is_active"] if obj is not None and obj.pk == request.user.pk else []
        return [*self.readonly_fields, *own] if obj else []

    @admin.action(description=gettext_lazy("Retirer le second facteur (téléphone perdu)"))
    def reset_factor(self, request: HttpRequest, people: QuerySet[User]) -> None:
        """Take a lost second factor off colleagues' accounts, and tell them."""
        for person in people:
            words = {"person": person}
            try:
                is_done = reset_factor(user=person, by=signed_in(request))
            except PermissionDenied:
                messages.error(request, _("%(person)s : refusé, demandez-le à un autre administrateur.") % words)
                continue
            if not is_done:
                messages.warning(request, _("%(person)s n’a pas de second facteur.") % words)
                continue
            get_adapter().send_notification_mail("mfa/email/totp_deactivated", person)
            messages.success(request, _("%(person)s : second facteur retiré, sessions fermées.") % words)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Keep the accounts that may do everything out of the reach of those who may not."""
        if obj is not None and obj.is_superuser and not signed_in(request).is_superuser:
            return False
        return super().has_change_permission(request, obj)


@admin.register(Membership)
class MembershipAdmin(AdministratorsOnly):
    """A responsibility is given or taken back; to change one, take it back and give another."""

    may_change = False
    may_delete = True
    list_display = ["user", "role", "town", "quarter", "organisation"]
    list_select_related = ["user", "town", "quarter", "organisation"]
    list_filter = ["role"]
    search_fields = ["user__email", "user__name"]
    autocomplete_fields = ["user", "quarter", "organisation"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Keep people from closing the door behind themselves."""
        if obj is not None and obj.user_id == request.user.pk and not signed_in(request).is_superuser:
            return False
        return super().has_delete_permission(request, obj)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Take responsibilities back one by one, each through its service."""
        return {}

    def save_model(self, request: HttpRequest, obj: Membership, form: Form, change: bool) -> None:  # noqa: FBT001  (Django's signature)
        membership = grant(
            by=signed_in(request),
            user=obj.user,
            role=obj.role,
            town=obj.town,
            quarter=obj.quarter,
            organisation=obj.organisation,
        )
        obj.pk = membership.pk

    def delete_model(self, request: HttpRequest, obj: Membership) -> None:
        revoke(membership=obj, by=signed_in(request))
