"""What a report's page is made of: panels, each with its template, its own addresses and what it shows to whom."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, TypeVar

from django.http import HttpResponse

from accounts.models import User
from moderation.forms import PersonForm
from moderation.services.ready import Ready, ready_for
from reports.models import Report
from reports.permissions import Actor

Context = dict[str, Any]
Place = Literal["see", "act", "know"]
FormOnPage = TypeVar("FormOnPage", bound=PersonForm)


@dataclass
class Desk:
    """One report in front of one person; `sent` is the form that was just refused, if any."""

    report: Report
    person: User
    actor: Actor
    sent: PersonForm | None = None
    is_placed: bool = False

    @cached_property
    def ready(self) -> list[Ready]:
        """The ready words that fit the report, for every form of the page."""
        return ready_for(self.report)

    def form(self, kind: type[FormOnPage], **given: Any) -> FormOnPage:
        """Return an empty form, or in its place the one of the same name that was just refused."""
        fresh = kind(report=self.report, person=self.person, **given)
        if type(self.sent) is kind and self.sent.name_on_page() == fresh.name_on_page():
            self.is_placed = True
            return self.sent
        return fresh


@dataclass(frozen=True)
class Panel:
    """One part of the page.

    name   also that of its template, `moderation/panels/<name>.html`, which sees its own context as `panel` beside the
           page's
    place  "see": with photos and words · "act": what can be done · "know": with the facts
    show   returns what the template shows to this person now; None leaves the panel out
    urls   (path behind the report's id, view, name): `("note/", note, "note")` is `admin:reports_report_note`; a view
           takes (request, context, report_id)
    """

    name: str
    place: Place
    show: Callable[[Desk], Context | None]
    urls: tuple[tuple[str, Callable[..., HttpResponse], str], ...] = ()

    @property
    def template(self) -> str:
        """Where it is drawn."""
        return f"moderation/panels/{self.name}.html"


# In the order of the page; filled by `moderation.admin.panels`.
PANELS: list[Panel] = []


def blocks_of(desk: Desk) -> dict[str, list[Context]]:
    """Return what each place of the page holds for this person, as `{"act": [{"template": …, "context": …}]}`."""
    places: dict[str, list[Context]] = {"see": [], "act": [], "know": []}
    for panel in PANELS:
        context = panel.show(desk)
        if context is not None:
            places[panel.place].append({"template": panel.template, "context": context})
    return places
