"""Taking a list away as a file, and keeping its filter under a name."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from moderation.admin.base import signed_in
from moderation.models import ListExport, SavedFilter
from moderation.permissions import works_here
from moderation.services.exports import KEPT, MOST, ask_for_list
from moderation.services.filters import LONGEST, keep_filter
from reports.errors import DomainError

SHOWN = 20
MOST_FILTERS = 30
# What a filter is made of: everything but the page.
NOT_KEPT = {"p", "csrfmiddlewaretoken"}

Context = dict[str, Any]


class FilterForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Nom du filtre"), max_length=60)
    is_shared = forms.BooleanField(label=gettext_lazy("Le montrer aussi à mon équipe"), required=False)


def query_of(request: HttpRequest) -> str:
    """Return the filter that is on screen, as a query string."""
    asked = [(name, value) for name, values in request.GET.lists() for value in values]
    kept = [(name, value) for name, value in asked if value and name not in NOT_KEPT and "\x00" not in name + value]
    return urlencode(kept)


def tools_of(request: HttpRequest) -> Context:
    """Return what stands above the list of reports: filters under their names, and what can be done with this one."""
    person, query = signed_in(request), query_of(request)
    return {
        "saved_filters": SavedFilter.objects.offered_to(person)[:MOST_FILTERS],
        "list_query": query,
        "filter_form": FilterForm(auto_id="saved_%s"),
        "export_formats": ListExport.Format.choices,
        "most_rows": MOST,
    }


def ask(request: HttpRequest, model_admin: Any, *, subject: str, back: str) -> HttpResponse:
    """Have the rows that the list shows to this person with this filter written to a file.

    Small ones are there at once; for the others the page of one's lists shows how far they are.
    """
    file_format = request.POST.get("format", "")
    if request.method != "POST" or file_format not in ListExport.Format.values:
        raise BadRequest
    rows = model_admin.get_changelist_instance(request).queryset.values_list("pk", flat=True)
    query = query_of(request)
    try:
        export = ask_for_list(
            owner=signed_in(request), subject=subject, file_format=file_format, ids=list(rows[:MOST]), query=query
        )
    except DomainError as error:
        messages.error(request, str(error))
        return redirect(f"{back}?{query}")
    if export.status == ListExport.Status.READY:
        return redirect("admin:moderation_listexport_file", export.token)
    return redirect("admin:moderation_listexport_changelist")


def show(request: HttpRequest, context: Context) -> HttpResponse:
    """Show one's own lists, with how far each is."""
    person = worker(request)
    exports = list(ListExport.objects.filter(owner=person).defer("ids")[:SHOWN])
    page = {
        "title": _("Mes listes exportées"),
        "exports": exports,
        "running": any(export.status == ListExport.Status.WAITING for export in exports),
        "kept_days": KEPT.days,
    }
    return TemplateResponse(request, "moderation/exports.html", {**context, **page})


def fetch(request: HttpRequest, context: Context, token: str) -> HttpResponseBase:
    """Hand somebody the list that they asked for."""
    export = ListExport.objects.filter(token=token, owner=worker(request)).defer("ids").first()
    if export is None:
        raise Http404
    if export.status != ListExport.Status.READY:
        return redirect("admin:moderation_listexport_changelist")
    return FileResponse(export.file.open("rb"), as_attachment=True, filename=export.filename)


def keep(request: HttpRequest, context: Context) -> HttpResponse:
    """Keep the filter on screen under a name; the same name again replaces it."""
    person, query = worker(request), query_of(request)
    form = FilterForm(request.POST)
    back = f"{reverse('admin:reports_report_changelist')}?{query}"
    if request.method != "POST":
        return redirect(back)
    if not form.is_valid():
        messages.error(request, _("Donnez un nom au filtre, de 60 caractères au plus."))
        return redirect(back)
    if not query or len(query) > LONGEST:
        messages.error(
            request, _("Choisissez d’abord des filtres, et pas trop de mots : sinon il n’y a rien à garder.")
        )
        return redirect(back)
    name = form.cleaned_data["name"]
    keep_filter(owner=person, name=name, query=query, is_shared=form.cleaned_data["is_shared"])
    messages.success(request, _("Le filtre « %(name)s » est gardé.") % {"name": name})
    return redirect(back)


def forget(request: HttpRequest, context: Context, filter_id: int) -> HttpResponse:
    """Remove one's own filter."""
    kept = SavedFilter.objects.filter(pk=filter_id, owner=worker(request)).first()
    if kept is None:
        raise Http404
    if request.method == "POST":
        kept.delete()
    return redirect("admin:reports_report_changelist")


def worker(request: HttpRequest) -> User:
    """Return the person, who handles reports.

    Raises:
        PermissionDenied
    """
    person = signed_in(request)
    if not works_here(person):
        raise PermissionDenied
    return person
