"""The public pages of moderation: alerting about what others wrote."""

from django.urls import path

from moderation import views

urlpatterns = [
    path("signalements/<report_ref:ref>/alerter/", views.alert_report, name="report-flag"),
    path(
        "signalements/<report_ref:ref>/commentaires/<int:comment_id>/alerter/", views.alert_comment, name="comment-flag"
    ),
]
