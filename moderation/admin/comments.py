"""« Commentaires retenus »: what screening or neighbours held, the oldest first; and the newest of the visible ones."""

from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from accounts.models import User
from moderation.admin.base import JudgesOnly, judge_of
from moderation.forms import JudgementForm
from moderation.models import Flag
from moderation.services.flags import judge
from moderation.services.masking import mask_comment, maskable
from moderation.wording import COMMENT_REASON_LABELS
from reports.errors import DomainError, StaleReport
from reports.models import Comment
from reports.querysets import CommentQuerySet
from reports.screening import WORDS

SHOWN = 20
RECENT = "recents"

Context = dict[str, Any]


def held(person: User) -> CommentQuerySet:
    """Return the comments that wait for this person's judgement, oldest first."""
    return Comment.objects.judged_by(person).held()


def with_place(rows: CommentQuerySet) -> CommentQuerySet:
    """Load what a row of these pages shows, in two queries however many rows there are."""
    return (
        rows.select_related("report__category", "report__quarter__town", "author", "organisation", "photo")
        .defer("report__search", "report__quarter__boundary", "report__quarter__town__boundary")
        .prefetch_related(Flag.objects.open().as_prefetch())
    )


def row_of(comment: Comment, form: JudgementForm | None = None) -> Context:
    """Return a comment with why it waits, in words, and its form."""
    return {
        "comment": comment,
        "reasons": [WORDS[code] for code in comment.held_for if code in WORDS],
        "flags": comment.open_flags,  # type: ignore[attr-defined]  # prefetched by `with_place`
        "form": form or JudgementForm(auto_id=f"c{comment.pk}_%s"),
        "seen": seen_of(comment),
        "judge_url": reverse("admin:reports_comment_judge", args=[comment.pk]),
        "maskable": [one.text for one in maskable(comment.text)],
        "mask_url": reverse("admin:reports_comment_mask", args=[comment.pk]),
    }


def seen_of(comment: Comment) -> str:
    """Return what tells one state of a comment from the next: its status, and when its words were last changed."""
    return f"{comment.status} {(comment.edited_at or comment.created_at).timestamp()}"


def show(request: HttpRequest, context: Context) -> HttpResponse:
    """Show what waits, or with `?vue=recents` what everybody reads already, the newest first."""
    person = judge_of(request)
    recent = request.GET.get("vue") == RECENT
    rows = Comment.objects.judged_by(person).visible().newest() if recent else held(person)
    found = list(with_place(rows)[: SHOWN + 1])
    page = {
        "title": _("Commentaires récents") if recent else _("Commentaires retenus"),
        "rows": [row_of(comment) for comment in found[:SHOWN]],
        "more": len(found) > SHOWN,
        "recent": recent,
        "labels": COMMENT_REASON_LABELS,
    }
    return TemplateResponse(request, "moderation/comments.html", {**context, **page})


def decide(request: HttpRequest, context: Context, comment_id: int) -> HttpResponse:
    """Carry out one judgement and go back to the list; what cannot be done is said, and the words stay."""
    person = judge_of(request)
    comment = with_place(Comment.objects.judged_by(person)).filter(pk=comment_id).first()
    if comment is None:
        raise Http404
    back = back_of(request)
    if request.method != "POST":
        return redirect(back)
    form = JudgementForm(request.POST, auto_id=f"c{comment.pk}_%s")
    if form.is_valid():
        if refusal := carry_out(form, comment, person):
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("Le commentaire paraît.") if form.accepts else _("Le commentaire est retiré."))
            return redirect(back)
    page = {
        "title": _("Commentaires retenus"),
        "rows": [row_of(comment, form)],
        "sent": form,
        "labels": COMMENT_REASON_LABELS,
    }
    return TemplateResponse(request, "moderation/comments.html", {**context, **page}, status=422)


def mask(request: HttpRequest, context: Context, comment_id: int) -> HttpResponse:
    """Mask addresses and numbers in a comment, which then waits, or stands, as before; what cannot be done is said."""
    person = judge_of(request)
    comment = with_place(Comment.objects.judged_by(person)).filter(pk=comment_id).first()
    if comment is None:
        raise Http404
    back = back_of(request)
    if request.method != "POST":
        return redirect(back)
    chosen = request.POST.getlist("chosen")
    # Of two states of a comment, only the one that was read is changed.
    refusal: DomainError | None = None
    if request.POST.get("seen", "") != seen_of(comment):
        refusal = StaleReport(_("Ce commentaire a changé entre-temps. Relisez-le, puis décidez de nouveau."))
    else:
        try:
            mask_comment(comment=comment, chosen=chosen, by=person)
        except DomainError as error:
            refusal = error
    if refusal is None:
        messages.success(request, _("C’est masqué, partout et pour tout le monde."))
    else:
        messages.error(request, str(refusal))
    return redirect(back)


def back_of(request: HttpRequest) -> str:
    """Return the address of the list that a judgement came from."""
    if request.POST.get("from") == "flags":
        return reverse("admin:moderation_flag_changelist")
    recent = f"?vue={RECENT}" if request.POST.get("from") == RECENT else ""
    return reverse("admin:reports_comment_changelist") + recent


def carry_out(form: JudgementForm, comment: Comment, person: User) -> DomainError | None:
    """Do what the form says to the very words that the moderator read; return what the domain refused."""
    if form.cleaned_data["seen"] != seen_of(comment):
        return StaleReport(_("Ce commentaire a changé entre-temps. Relisez-le, puis décidez de nouveau."))
    try:
        judge(comment=comment, accept=form.accepts, reason=form.reason_in(comment.language), by=person)
    except DomainError as refusal:
        return refusal
    return None


@admin.register(Comment)
class CommentAdmin(JudgesOnly):
    """What a moderator does goes through `moderation.services.flags.judge`."""

    def get_urls(self) -> list[URLPattern]:
        return [
            path("", self.page(show), name="reports_comment_changelist"),
            path("<int:comment_id>/judge/", self.page(decide), name="reports_comment_judge"),
            path("<int:comment_id>/mask/", self.page(mask), name="reports_comment_mask"),
        ]
