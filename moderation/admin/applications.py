"""Applications that act for people by OAuth2: registered by administrators, who answer for them."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from oauth2_provider.generators import generate_client_secret
from oauth2_provider.models import (
    get_access_token_model,
    get_application_model,
    get_device_grant_model,
    get_grant_model,
    get_id_token_model,
    get_refresh_token_model,
)

from moderation.admin.base import AdministratorsOnly
from moderation.permissions import administers
from reports.api.oauth_server import is_safe_redirect

Application = get_application_model()
MAX_ADDRESSES = 2000
GRANTS = [
    (Application.GRANT_AUTHORIZATION_CODE, _("au nom d’une personne qui l’autorise")),
    (Application.GRANT_CLIENT_CREDENTIALS, _("sans personne : lire, et envoyer des signalements")),
]
KINDS = [
    (Application.CLIENT_CONFIDENTIAL, _("serveur, qui garde un secret")),
    (Application.CLIENT_PUBLIC, _("application installée ou page, qui n’en garde pas")),
]

# Whoever reads a list of tokens could end somebody's sign-ins, or know who uses what; nobody needs it.
HIDDEN = (
    get_access_token_model(),
    get_refresh_token_model(),
    get_grant_model(),
    get_id_token_model(),
    get_device_grant_model(),
    Application,
)
for model in HIDDEN:
    if admin.site.is_registered(model):
        admin.site.unregister(model)


class ApplicationForm(forms.ModelForm):  # type: ignore[type-arg]  # generic for type checkers only
    """An application: what people read when it asks them, and where the answer goes."""

    class Meta:
        model = Application
        fields = ["name", "client_type", "authorization_grant_type", "redirect_uris"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].required = True
        self.fields["name"].help_text = _(
            "Ce que les personnes lisent quand l’application leur demande une autorisation."
        )
        if "redirect_uris" in self.fields:
            self.fields["redirect_uris"].widget.attrs["rows"] = 4
            self.fields["redirect_uris"] = forms.CharField(
                label=_("Adresses de retour"),
                required=False,
                max_length=MAX_ADDRESSES,
                widget=self.fields["redirect_uris"].widget,
                help_text=_(
                    "Une par ligne, exactes, en https ; http://127.0.0.1 est permis aux applications installées. "
                    "Aucune pour une application qui agit sans personne."
                ),
            )
        if "authorization_grant_type" in self.fields:
            choice: Any = self.fields["authorization_grant_type"]
            choice.label = _("Agit")
            choice.choices = GRANTS
        if "client_type" in self.fields:
            kind: Any = self.fields["client_type"]
            kind.label = _("Nature")
            kind.choices = KINDS

    def clean_redirect_uris(self) -> str:
        """Allow only addresses where a code is safe on its way."""
        uris = str(self.cleaned_data["redirect_uris"]).split()
        for uri in uris:
            if not is_safe_redirect(uri):
                message = _("%(uri)s ne convient pas. Écrivez une adresse en https, ou http://127.0.0.1 et un chemin.")
                raise ValidationError(message, "unsafe_redirect", {"uri": uri})
        return "\n".join(uris)

    def clean(self) -> dict[str, Any] | None:
        """Refuse an application that cannot work."""
        facts = super().clean() or {}
        grant = facts.get("authorization_grant_type") or self.instance.authorization_grant_type
        kind = facts.get("client_type") or self.instance.client_type
        if grant == Application.GRANT_CLIENT_CREDENTIALS and kind == Application.CLIENT_PUBLIC:
            self.add_error("client_type", _("Sans personne, il faut un secret : choisissez un serveur."))
        return facts


@admin.register(Application)
class ApplicationAdmin(AdministratorsOnly):
    """Registered, corrected, removed. The secret is shown once, when it is made; only its fingerprint is kept."""

    form = ApplicationForm
    may_delete = True
    # The toolkit's own pages are not mounted.
    view_on_site = False
    change_form_outer_after_template = "moderation/parts/application_secret.html"
    list_display = ["name", "client_id", "acts", "nature", "created"]
    search_fields = ["name", "client_id"]
    ordering = ["name"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ["name", "authorization_grant_type", "client_type", "redirect_uris"]
        return ["name", "acts", "nature", "redirect_uris", "client_id", "created"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        # Another kind of application is another application: its tokens were given for this one.
        return ["acts", "nature", "client_id", "created"] if obj else []

    @admin.display(description=_("agit"), ordering="authorization_grant_type")
    def acts(self, application: Any) -> Any:
        """Say for whom it acts."""
        return dict(GRANTS).get(application.authorization_grant_type, "")

    @admin.display(description=_("nature"), ordering="client_type")
    def nature(self, application: Any) -> Any:
        """Say whether it keeps a secret."""
        return dict(KINDS).get(application.client_type, "")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001  (Django's signature)
        if not change:
            obj.user = None
            obj.hash_client_secret = True
            obj.client_secret = obj.fresh_secret = generate_client_secret()
        super().save_model(request, obj, form, change)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> HttpResponse:
        """Show the identifier and, to an application that keeps one, its secret: now and never again."""
        return self.handed_over(request, obj, obj.fresh_secret)

    def get_urls(self) -> list[URLPattern]:
        """Add the button that makes a new secret."""
        renew = self.admin_site.admin_view(require_POST(self.renew_secret))
        name = "oauth2_provider_application_secret"
        return [path("<int:pk>/secret/", renew, name=name), *super().get_urls()]

    def renew_secret(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Replace a secret that was lost or seen; the old one stops working at once."""
        if not administers(request.user):
            raise PermissionDenied
        application = get_object_or_404(Application, pk=pk)
        secret = generate_client_secret()
        application.client_secret = secret
        application.save(update_fields=["client_secret", "updated"])
        self.log_change(request, application, {"client_secret": ["…", "…"]})
        return self.handed_over(request, application, secret)

    def handed_over(self, request: HttpRequest, application: Any, secret: str) -> HttpResponse:
        """Return the page with the secret, which no cache and no history may keep."""
        context = {
            **self.admin_site.each_context(request),
            "title": application.name,
            "application": application,
            "secret": secret if application.client_type == Application.CLIENT_CONFIDENTIAL else "",
            "back": reverse("admin:oauth2_provider_application_change", args=[application.pk]),
        }
        response = render(request, "moderation/application_secret.html", context)
        patch_cache_control(response, no_store=True, private=True)
        return response
