"""What a person fills in on the pages."""

from reports.forms.comment import CommentForm
from reports.forms.follow import AddressForm, AreaForm, FrequencyForm, ReopenForm
from reports.forms.report import ReportForm

__all__ = ["AddressForm", "AreaForm", "CommentForm", "FrequencyForm", "ReopenForm", "ReportForm"]
