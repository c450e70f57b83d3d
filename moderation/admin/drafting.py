"""Before words go out: ready words put into a form, and the mail that they will make, shown on the page.

Both are buttons of the form itself, so that they work without JavaScript; nothing is done yet.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from moderation.admin.page import page_of, refused, visible
from moderation.admin.panel import Context
from moderation.forms import ChangeForm, PersonForm
from moderation.services.previews import Preview
from moderation.services.ready import ready_for
from reports.errors import DomainError
from reports.models import Photo
from reports.services.photos import take_in


def drafted(
    request: HttpRequest, context: Context, form: PersonForm, preview: Callable[[], Preview]
) -> HttpResponse | None:
    """Do what the form's buttons for drafting ask, if one was pressed; None where the form is to be sent.

    `preview` is asked once the form is valid; what it refuses is shown as if the form had been sent.
    """
    if request.method != "POST" or not {"insert", "preview"} & request.POST.keys():
        return None
    is_valid = form.is_valid()
    if isinstance(form, ChangeForm):
        keep_photos(form)
    if "insert" in request.POST:
        chosen = {str(one.pk): one.text for one in ready_for(form.report)}.get(request.POST.get("ready", ""), "")
        form.write(chosen)
    elif not is_valid:
        return refused(request, context, form)
    else:
        try:
            form.preview = preview()
        except DomainError as error:
            form.refuse(error)
            return refused(request, context, form)
    fresh = visible(form.person, form.report.pk)
    if isinstance(form, ChangeForm):
        form.show_again(fresh)
    return TemplateResponse(request, "moderation/report.html", {**context, **page_of(fresh, form.person, form)})


def keep_photos(form: ChangeForm) -> None:
    """Let the sending itself use pictures that came with a draft: a file cannot be put back into its field."""
    taken = [take_in(file=file, facts=facts, kind=Photo.Kind.PROOF) for file, facts in form.photos]
    if kept := [*form.kept_photos, *taken]:
        form.keep(kept)
