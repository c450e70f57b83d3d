"""Addresses of API v1, under `/api/v1/`."""

from django.urls import path

from reports import converters  # noqa: F401  (importing registers them)
from reports.api import (
    auth,
    basemap,
    categories,
    comments,
    events,
    export,
    follows,
    me,
    photos,
    quarters,
    reports,
    schema,
    stats,
    support,
    transitions,
)
from reports.api.map import MapView

app_name = "api"

urlpatterns = [
    path("auth/token/", auth.TokenView.as_view(), name="token"),
    path("auth/token/refresh/", auth.TokenRefreshView.as_view(), name="token-refresh"),
    path("auth/token/revoke/", auth.TokenRevokeView.as_view(), name="token-revoke"),
    path("reports/", reports.ReportsView.as_view(), name="reports"),
    path("reports/<report_ref:ref>/", reports.ReportView.as_view(), name="report"),
    path("reports/<report_ref:ref>/transitions/", transitions.TransitionsView.as_view(), name="transitions"),
    path("reports/<report_ref:ref>/photos/", photos.PhotosView.as_view(), name="photos"),
    path("reports/<report_ref:ref>/events/", events.ReportEventsView.as_view(), name="report-events"),
    path("reports/<report_ref:ref>/vote/", support.VoteView.as_view(), name="vote"),
    path("reports/<report_ref:ref>/follow/", support.FollowView.as_view(), name="follow"),
    path("reports/<report_ref:ref>/confirmation/", support.ConfirmationView.as_view(), name="confirmation"),
    path("reports/<report_ref:ref>/comments/", comments.CommentsView.as_view(), name="comments"),
    path("reports/<report_ref:ref>/comments/<int:comment_id>/", comments.CommentView.as_view(), name="comment"),
    path("map/", MapView.as_view(), name="map"),
    path("basemap/", basemap.BaseMapView.as_view(), name="basemap"),
    path("events/", events.EventsView.as_view(), name="events"),
    path("categories/", categories.CategoriesView.as_view(), name="categories"),
    path("quarters/", quarters.QuartersView.as_view(), name="quarters"),
    path("stats/", stats.StatsView.as_view(), name="stats"),
    path("me/", me.MeView.as_view(), name="me"),
    path("me/reports/", me.MyReportsView.as_view(), name="my-reports"),
    path("me/follows/", follows.MyFollowsView.as_view(), name="my-follows"),
    path("me/follows/<int:follow_id>/", follows.MyFollowView.as_view(), name="my-follow"),
    path("me/export/", export.MyExportView.as_view(), name="my-export"),
    path("me/export/file/", export.MyExportFileView.as_view(), name="my-export-file"),
    path("schema/", schema.schema, name="schema"),
    path("docs/", schema.docs, name="docs"),
]
