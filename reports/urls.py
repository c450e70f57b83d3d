"""The public pages of the domain, French without prefix and English under /en/ (the prefix is added by the wiring)."""

from django.urls import path

from reports import converters  # noqa: F401  (importing registers them)
from reports.views import areas, bilan, browse, comments, feed, follow, home, mine, new, pages, support

urlpatterns = [
    path("", home.home, name="home"),
    path("signaler/", new.new, name="report-new"),
    path("signaler/proches/", new.nearby, name="report-nearby"),
    path("signaler/lieu/", new.place, name="report-place"),
    path("signalements/", browse.report_list, name="report-list"),
    path("signalements/atom/", feed.ReportFeed(), name="feed"),
    path("signalements/<report_ref:ref>/", browse.report_detail, name="report-detail"),
    path("signalements/<report_ref:ref>/soutenir/", support.support, name="report-support"),
    path("signalements/<report_ref:ref>/commentaires/", comments.discussion, name="report-comments"),
    path("signalements/<report_ref:ref>/commentaires/ecrire/", comments.write, name="comment-write"),
    path("signalements/<report_ref:ref>/commentaires/<int:comment_id>/", comments.own, name="comment-own"),
    path("signalements/<report_ref:ref>/suivre/", support.follow_report, name="report-follow"),
    path("s/<report_ref:ref>/", browse.short_link, name="report-short"),
    path("quartiers/", browse.quarter_list, name="quarter-list"),
    path("quartiers/<slug:town>/<slug:slug>/", browse.quarter_detail, name="quarter-detail"),
    path("bilan/", bilan.bilan, name="bilan"),
    path("bilan/bilan.csv", bilan.bilan_csv, name="bilan-csv"),
    path("suivre/", areas.follow_area, name="follow-area"),
    path("suivi/confirmer/<token:token>/", follow.follow_confirm, name="follow-confirm"),
    path("suivi/<token:token>/", follow.follow, name="follow"),
    path("compte/signalements/", mine.reports, name="my-reports"),
    path("compte/suivis/", mine.follows, name="my-follows"),
    path("moi/", mine.own, name="own"),
    *(path(f"{address}/", pages.page, {"name": name}, name=name) for address, name in pages.PAGES.items()),
]
