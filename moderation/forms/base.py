"""What every form about one report shares."""

from typing import Any

from django import forms

from accounts.models import User
from reports.errors import DomainError
from reports.models import Report


class PersonForm(forms.Form):
    """A form about one report, filled in by somebody; several stand on one page, hence the prefix of the ids."""

    def __init__(self, *args: Any, report: Report, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": f"{self.name_on_page()}_%s", **kwargs})
        self.report = report
        self.person = person

    def name_on_page(self) -> str:
        """Return what tells this form's fields from its neighbours'."""
        return type(self).__name__.lower()

    def refuse(self, error: DomainError) -> None:
        """Show what the domain refused beside the field it is about."""
        self.add_error(error.field if error.field in self.fields else None, str(error))
