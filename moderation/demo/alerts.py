"""What the demonstration town shows of moderation.

Open alerts, one each, which hold nothing back; blocked terms, and reports that screening has something to say about.
"""

from datetime import datetime, timedelta

from moderation.models import Flag
from moderation.services.screening import findings_of_text
from moderation.services.terms import SHIPPED, load_terms
from reports.models import Comment, Report

# The reason, the person's words, and how long ago.
ABOUT_COMMENTS = [
    (Flag.Reason.FALSE, "Ce n’est pas la bonne rue, il confond avec celle d’en bas.", timedelta(hours=7)),
    (Flag.Reason.OTHER, "", timedelta(hours=26)),
]
ABOUT_REPORT = (Flag.Reason.PERSONAL, "On reconnaît la maison de quelqu’un sur la photo.", timedelta(hours=3))
# What the authors of two waiting reports add.
NOTICED = ["Appelez le gardien au 6 70 12 34 56.", "C’est la faute de ces c0nnards du garage."]
# What neighbours alert about has stood for a while.
STOOD = timedelta(days=3)


def load(*, now: datetime) -> None:
    """Add alerts about two comments and one report of the demonstration, until `now`; see `settings.DEMO_PARTS`.

    Two reports that wait get words that screening notices.
    """
    load_terms(lines=SHIPPED.read_text(encoding="utf-8").splitlines())
    waiting = Report.objects.pending().exclude(description="").select_related("quarter").defer("quarter__boundary")
    for report, words in zip(waiting, NOTICED, strict=False):
        text = f"{report.description} {words}"
        found = findings_of_text(text, town_id=report.quarter.town_id, language=report.language)
        Report.objects.filter(pk=report.pk).update(description=text, findings=found)
    said = Comment.objects.visible().filter(organisation=None, created_at__lt=now - STOOD).order_by("-created_at")
    seen = Report.objects.public().filter(photos__isnull=False, published_at__lt=now - STOOD).order_by("-published_at")
    subjects = [*({"comment": comment} for comment in said[: len(ABOUT_COMMENTS)]), {"report": seen[0]}]
    Flag.objects.bulk_create(
        Flag(**subject, device=f"demo-alert-{number}", reason=reason, words=words, created_at=now - ago)
        for number, (subject, (reason, words, ago)) in enumerate(
            zip(subjects, [*ABOUT_COMMENTS, ABOUT_REPORT], strict=True)
        )
    )
