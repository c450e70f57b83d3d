"""`/oauth/`: how an application gets a token, for a person who agrees or by itself."""

import hashlib
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import urlencode, urlsplit

from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.utils.decorators import method_decorator
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from oauth2_provider import views as toolkit
from oauth2_provider.exceptions import OAuthToolkitError
from oauth2_provider.models import get_access_token_model, get_application_model
from oauth2_provider.settings import oauth2_settings
from oauth2_provider.views.mixins import OAuthLibMixin
from oauthlib.common import Request as OAuthRequest
from oauthlib.oauth2.rfc6749.errors import AccessDeniedError, InvalidRequestError

from accounts.middleware import has_shown_second_factor
from reports.api.scopes import STAFF
from reports.throttles import seconds_to_wait

OFFERED = frozenset(oauth2_settings.OAUTH2_GRANT_TYPES_SUPPORTED)
PAGE = "oauth2_provider/authorize.html"


class FactorNeededError(Exception):
    """Somebody who works here wants to lend their rights, and has not shown their second factor."""


def has_null(fields: Mapping[str, Any]) -> bool:
    """Say whether a field holds the one character that no database takes."""
    return any("\x00" in text for text in fields.values() if isinstance(text, str))


def origin_of(uri: str) -> str:
    """Return scheme, host and port of an address."""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}"


def wants_english(request: HttpRequest) -> bool:
    """Say whether an application asks for the page in English (`ui_locales`) at the French address."""
    return request.GET.get("ui_locales", "").lower().startswith("en") and get_language() != "en"


class MachineView(OAuthLibMixin, View):  # type: ignore[misc]  # the package ships no types
    """An address that applications post to: counted, never kept by a cache."""

    http_method_names = ["post", "options"]

    @method_decorator(csrf_exempt)
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Refuse what comes too often, or cannot be read."""
        wait = seconds_to_wait(request, "oauth-token")
        if wait:
            sentence = _("Vous demandez trop souvent. Recommencez dans %(seconds)d secondes.") % {"seconds": wait}
            body = {"error": "temporarily_unavailable", "error_description": sentence}
            response: HttpResponse = JsonResponse(body, status=429, headers={"Retry-After": str(wait)})
        elif has_null(request.GET) or has_null(request.POST):
            response = JsonResponse({"error": "invalid_request"}, status=400)
        else:
            response = cast("HttpResponse", super().dispatch(request, *args, **kwargs))
        patch_cache_control(response, no_store=True, private=True)
        return response


class TokenView(MachineView, toolkit.TokenView):  # type: ignore[misc]  # the package ships no types
    """A code, a refresh token or the application's own secret, for an access token."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer as RFC 6749 says."""
        if request.POST.get("grant_type") not in OFFERED:
            return JsonResponse({"error": "unsupported_grant_type"}, status=400)
        response: HttpResponse = self.authorization_flow_token_response(request)
        return response


class RevokeView(MachineView, toolkit.RevokeTokenView):  # type: ignore[misc]  # the package ships no types
    """The end of a token, and of what belongs to it (RFC 7009)."""


class IntrospectView(MachineView):
    """What a token of its own may do, for an application with a secret (RFC 7662). It names no person."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Answer `{"active": false}` for every token that is not this application's."""
        core = self.get_oauthlib_core()
        asked = OAuthRequest(
            request.get_full_path(), "POST", urlencode(core.extract_body(request)), core.extract_headers(request)
        )
        if not core.server.request_validator.authenticate_client(asked):
            return JsonResponse(
                {"error": "invalid_client"}, status=401, headers={"WWW-Authenticate": 'Basic realm="oauth"'}
            )
        checksum = hashlib.sha256(request.POST.get("token", "").encode(errors="replace")).hexdigest()
        tokens = get_access_token_model().objects.select_related("user")
        token = tokens.filter(token_checksum=checksum, application=asked.client).first()
        if token is None or not token.is_valid() or (token.user is not None and not token.user.is_active):
            return JsonResponse({"active": False})
        return JsonResponse(
            {
                "active": True,
                "scope": token.scope,
                "client_id": asked.client.client_id,
                "exp": int(token.expires.timestamp()),
                "token_type": "Bearer",
            }
        )


class AuthorizationView(toolkit.AuthorizationView):  # type: ignore[misc]  # the package ships no types
    """The page on which a person allows an application to act for them, or does not.

    It is shown every time: an approval that skips it would be a redirect that nobody asked for.
    """

    template_name = PAGE

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the page, never from a cache."""
        if has_null(request.GET) or has_null(request.POST):
            return self.refused(400)
        if request.method == "GET" and wants_english(request):
            return HttpResponseRedirect(f"/en{request.get_full_path()}")
        if "approval_prompt" in request.GET:
            asked: Any = request.GET.copy()
            del asked["approval_prompt"]
            request.GET = asked
        try:
            response: HttpResponse = super().dispatch(request, *args, **kwargs)
        except FactorNeededError:
            response = self.refused(403, needs_factor=True)
        patch_cache_control(response, no_store=True, private=True)
        return response

    def refused(self, status: int, **context: Any) -> HttpResponse:
        """Show why there is nothing to allow."""
        return render(self.request, PAGE, {"error": True, **context}, status=status)

    def validate_authorization_request(self, request: HttpRequest) -> tuple[list[str], dict[str, Any]]:
        """Read what an application asks for.

        Raises:
            OAuthToolkitError: it may not ask for that.
            FactorNeededError: the person must show their second factor first.
        """
        scopes, credentials = super().validate_authorization_request(request)
        if credentials.get("code_challenge_method") != "S256":
            refusal = InvalidRequestError("code_challenge_method must be S256.", state=credentials.get("state"))
            raise OAuthToolkitError(refusal, redirect_uri=credentials["redirect_uri"])
        return self.within_reach(scopes, credentials), credentials

    def within_reach(self, scopes: list[str], credentials: dict[str, Any]) -> list[str]:
        """Return the scopes that this person can give: the rights of the staff only if they work here."""
        if STAFF not in scopes or not self.request.user.is_authenticated:
            return scopes
        if not self.request.user.is_staff:
            kept = [scope for scope in scopes if scope != STAFF]
            if not kept:
                refusal = AccessDeniedError(state=credentials.get("state"))
                raise OAuthToolkitError(refusal, redirect_uri=credentials["redirect_uri"])
            return kept
        if not has_shown_second_factor(self.request):
            raise FactorNeededError
        return scopes

    def create_authorization_response(
        self,
        request: HttpRequest,
        scopes: str,
        credentials: dict[str, Any],
        allow: bool,  # noqa: FBT001  (the package's signature)
    ) -> Any:
        """Give the code; what the form brings back is asked again."""
        reachable = self.within_reach(scopes.split(), credentials) if allow else scopes.split()
        return super().create_authorization_response(request, " ".join(reachable), credentials, allow)

    def form_valid(self, form: Form) -> HttpResponse:
        """Send the person back with the answer, to an address that the application has registered."""
        application = get_application_model().objects.filter(client_id=form.cleaned_data["client_id"]).first()
        if application is None or not application.redirect_uri_allowed(form.cleaned_data["redirect_uri"] or ""):
            return self.refused(400)
        response: HttpResponse = super().form_valid(form)
        return response

    def form_invalid(self, form: Form) -> HttpResponse:
        """Refuse a form that is not the one that was shown."""
        return self.refused(400)

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        """Show the page; its form may lead to the application's address, which Chromium checks along the redirect."""
        destination = origin_of(context["redirect_uri"]) if context.get("redirect_uri") else ""
        response: HttpResponse = super().render_to_response({**context, "destination": destination}, **kwargs)
        if destination:
            response._csp_update = {"form-action": [destination]}  # type: ignore[attr-defined]  # noqa: SLF001  (django-csp's own way)
        return response
