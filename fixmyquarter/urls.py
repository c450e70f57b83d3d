"""Every address of the portal, in the order of its readers: citizens, machines, staff, operations."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path
from django.views.i18n import set_language
from django_prometheus.exports import ExportToDjangoView

from fixmyquarter import health

urlpatterns = [
    path("api/v1/", include("reports.api.urls")),
    # The admin has no language in its address: a choice made there is a cookie that only /admin/ gets.
    path("admin/langue/", set_language, name="set_language"),
    path("admin/", admin.site.urls),
    path("healthz/live", health.live),
    path("healthz/ready", health.ready),
    # The front refuses this address from outside.
    path("metrics", ExportToDjangoView),
    *i18n_patterns(
        path("compte/", include("accounts.urls")),
        path("", include("reports.urls")),
        prefix_default_language=False,
    ),
]

if not settings.PRODUCTION:
    from reports.views.gallery import gallery

    urlpatterns += i18n_patterns(path("galerie/", gallery, name="gallery"), prefix_default_language=False)

handler400 = "fixmyquarter.errors.bad_request"
handler403 = "fixmyquarter.errors.permission_denied"
handler404 = "fixmyquarter.errors.page_not_found"
handler500 = "fixmyquarter.errors.server_error"
