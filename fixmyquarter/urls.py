"""Every address of the portal, in the order of its readers: citizens, machines, staff, operations."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path
from django.views.i18n import set_language
from django_prometheus.exports import ExportToDjangoView
from oauth2_provider.views import OAuthServerMetadataView

from fixmyquarter import health
from fixmyquarter.admin_site import enter
from reports.api.oauth import AuthorizationView

urlpatterns = [
    path("api/v1/", include("reports.api.urls")),
    path("oauth/", include("reports.api.oauth_urls")),
    path(".well-known/oauth-authorization-server", OAuthServerMetadataView.as_view()),
    # The admin has no language in its address: a choice made there is a cookie that only /admin/ gets.
    path("admin/langue/", set_language, name="set_language"),
    # There is one way in, and it leads through the second factor.
    path("admin/login/", enter, name="admin-login"),
    path("admin/", admin.site.urls),
    path("healthz/live", health.live),
    path("healthz/ready", health.ready),
    # The front refuses this address from outside.
    path("metrics", ExportToDjangoView),
    *i18n_patterns(
        path("compte/", include("accounts.urls")),
        # The page that asks a person also speaks English; its French address stands above, with the machines'.
        path("oauth/authorize/", AuthorizationView.as_view()),
        path("", include("reports.urls")),
        path("", include("moderation.urls")),
        prefix_default_language=False,
    ),
]

if settings.NOTIFICATIONS:
    from notifications.urls import root

    urlpatterns = [
        # Before the rest of the API, which knows nothing of notifications.
        path("api/v1/me/preferences/", include("notifications.api.urls")),
        *root,
        *i18n_patterns(path("", include("notifications.urls")), prefix_default_language=False),
        *urlpatterns,
    ]

if not settings.PRODUCTION:
    from reports.views.gallery import gallery

    urlpatterns += i18n_patterns(path("galerie/", gallery, name="gallery"), prefix_default_language=False)

handler400 = "fixmyquarter.errors.bad_request"
handler403 = "fixmyquarter.errors.permission_denied"
handler404 = "fixmyquarter.errors.page_not_found"
handler429 = "fixmyquarter.errors.too_many_requests"
handler500 = "fixmyquarter.errors.server_error"
