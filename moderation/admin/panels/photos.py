"""The photos of a report as a moderator handles them: each with its state and the way to its own page."""

from moderation.admin.panel import Context, Desk, Panel
from reports import workflow
from reports.models import Photo


def show(desk: Desk) -> Context | None:
    """List the photos, hidden ones too; who does not judge the place only reads how many are hidden."""
    photos = list(Photo.objects.filter(report=desk.report).exclude(status=Photo.Status.REFUSED))
    hidden = sum(photo.is_hidden for photo in photos)
    if desk.actor.roles & workflow.JUDGES:
        return {"photos": photos, "hidden": hidden} if photos else None
    return {"photos": [], "hidden": hidden} if hidden and desk.actor.is_staff else None


PANEL = Panel("photos", "see", show)
