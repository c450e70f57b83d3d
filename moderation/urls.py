"""The public pages of moderation: alerting about what others wrote."""

from django.urls import path

from moderation.views import alerts, links, statements

urlpatterns = [
    path("signalements/<report_ref:ref>/alerter/", alerts.alert_report, name="report-flag"),
    path(
        "signalements/<report_ref:ref>/commentaires/<int:comment_id>/alerter/",
        alerts.alert_comment,
        name="comment-flag",
    ),
    path("signalements/<report_ref:ref>/photos/<int:photo_id>/alerter/", alerts.alert_photo, name="photo-flag"),
    path(
        "signalements/<report_ref:ref>/commentaires/<int:comment_id>/motifs/",
        statements.of_comment,
        name="comment-statement",
    ),
    path("suivi/<token:token>/motifs/", statements.of_report, name="report-statement"),
    path("motifs/<token:token>/", statements.statement, name="statement"),
    path("questions/<token:token>/", links.question, name="question"),
    path("transmissions/<token:token>/", links.referral, name="referral"),
]
