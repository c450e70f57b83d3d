"""What every form about one report shares."""

from typing import Any

from django import forms
from django.forms.utils import ErrorDict

from accounts.models import User
from moderation.services.previews import Preview
from moderation.services.ready import Ready
from reports.errors import DomainError
from reports.models import Report


class PersonForm(forms.Form):
    """A form about one report, filled in by somebody; several stand on one page, hence the prefix of the ids.

    Where its words go out by mail it offers ready ones (`ready`), and a `preview` of the mail once it was asked for.
    """

    # The field that ready words go into.
    words_field = "text"

    def __init__(self, *args: Any, report: Report, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": f"{self.name_on_page()}_%s", **kwargs})
        self.report = report
        self.person = person
        self.is_mailed = False
        self.ready: list[Ready] = []
        self.preview: Preview | None = None

    def offer(self, ready: list[Ready]) -> None:
        """Offer ready words, and the preview of the mail."""
        self.is_mailed = True
        self.ready = ready

    def write(self, words: str) -> None:
        """Add ready words to what was typed, and show it all without judging it: nothing was sent yet."""
        typed = str(self.data.get(self.words_field, "")).strip()
        if words and words not in typed:
            typed = f"{typed}\n\n{words}".strip()
        self.data = {**dict(self.data.items()), self.words_field: typed}
        self._errors = ErrorDict()

    def name_on_page(self) -> str:
        """Return what tells this form's fields from its neighbours'."""
        return type(self).__name__.lower()

    def show_again(self, report: Report) -> None:
        """Stand on the page of the report as it is now, after a refusal."""
        self.report = report

    def refuse(self, error: DomainError) -> None:
        """Show what the domain refused beside the field it is about."""
        self.add_error(error.field if error.field in self.fields else None, str(error))
