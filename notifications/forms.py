"""What somebody chooses: how soon, by which channel, at what hour."""

from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.conf import settings
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from notifications.models import Channel, Recipient, Topic
from notifications.services.preferences import offered, set_preference
from notifications.services.recipients import choices_of
from notifications.services.schedule import has_work
from notifications.zones import zone_names
from reports.models import Frequency

if TYPE_CHECKING:
    RecipientForm = forms.ModelForm[Recipient]
else:
    RecipientForm = forms.ModelForm

HOURS_A_DAY = 24
BY_CHANNEL = {Channel.EMAIL: _("Par e-mail"), Channel.PUSH: _("Sur vos appareils")}
# What zones are named after; others are old names of the same.
CONTINENTS = {
    "Africa": _("Afrique"),
    "America": _("Amérique"),
    "Antarctica": _("Antarctique"),
    "Arctic": _("Arctique"),
    "Asia": _("Asie"),
    "Atlantic": _("Atlantique"),
    "Australia": _("Australie"),
    "Europe": _("Europe"),
    "Indian": _("Océan Indien"),
    "Pacific": _("Pacifique"),
}
HINTS = {
    Topic.PROGRESS: _("Un signalement que vous suivez est pris en charge, réparé, ou reçoit une réponse."),
    Topic.COMMENTS: _("Quelqu’un écrit sous un signalement que vous suivez."),
    Topic.NEARBY: _("Un signalement paraît dans un quartier, une catégorie ou un cercle que vous suivez."),
    Topic.WORK: _("Ce qui attend un jugement, ce qui est en retard ou bientôt dû."),
}


class ChoicesForm(forms.Form):
    """How soon a person with an account hears of each topic on each channel: one field a pair, `progress_email` …."""

    def __init__(self, data: Any = None, *, user: User) -> None:
        super().__init__(data)
        self.user = user
        self.chosen = choices_of(user)
        self.topics = [topic for topic in Topic if topic != Topic.WORK or has_work(user)]
        for topic in self.topics:
            for channel in Channel:
                frequencies = offered(topic, channel)
                if len(frequencies) > 1:
                    self.fields[f"{topic}_{channel}"] = forms.ChoiceField(
                        label=BY_CHANNEL[channel],
                        choices=[(value, Frequency(value).label) for value in frequencies],
                        initial=self.chosen[topic, channel],
                    )

    def cards(self) -> list[dict[str, Any]]:
        """Return what the page shows for each topic: its name, what it means, its fields."""
        return [
            {
                "topic": topic.value,
                "name": topic.label,
                "hint": HINTS[topic],
                "fields": [self[name] for name in self.fields if name.startswith(f"{topic}_")],
            }
            for topic in self.topics
        ]

    def save(self) -> None:
        """Store what differs from what held until now."""
        for name, frequency in self.cleaned_data.items():
            topic, channel = name.split("_")
            if self.chosen[topic, channel] != frequency:
                set_preference(user=self.user, topic=topic, channel=channel, frequency=frequency)


class TimesForm(RecipientForm):
    """When digests come."""

    hour = forms.TypedChoiceField(
        label=_("Heure des récapitulatifs"),
        coerce=int,
        choices=[(hour, f"{hour:02}:00") for hour in range(HOURS_A_DAY)],
    )
    weekday = forms.TypedChoiceField(
        label=_("Jour du récapitulatif hebdomadaire"), coerce=int, choices=list(WEEKDAYS.items())
    )
    time_zone = forms.ChoiceField(
        label=_("Fuseau horaire"), help_text=_("Celui de votre ville, sauf si vous en choisissez un autre.")
    )

    class Meta:
        model = Recipient
        fields = ("hour", "weekday", "time_zone")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ChoiceField", self.fields["time_zone"]).choices = zone_choices(self.instance.time_zone)


def zone_choices(own: str) -> list[tuple[Any, list[tuple[str, str]]]]:
    """Return the time zones with names that people read: the town's and one's own, the town's continent, the others."""
    here = settings.TIME_ZONE.partition("/")[0]
    groups: dict[str, list[tuple[str, str]]] = {}
    for name in zone_names():
        groups.setdefault(name.partition("/")[0], []).append((name, place_of(name)))
    others = [continent for continent in CONTINENTS if continent != here]
    near = [(name, place_of(name)) for name in dict.fromkeys([settings.TIME_ZONE, own]) if name in zone_names()]
    listed = [here, *others] if here in CONTINENTS else others
    return [(_("Près d’ici"), near), *((CONTINENTS[continent], groups[continent]) for continent in listed)]


def place_of(zone: str) -> str:
    """Return the name of a zone's place: `America/Argentina/Buenos_Aires` is "Argentina, Buenos Aires"."""
    return (zone.partition("/")[2] or zone).replace("_", " ").replace("/", ", ")


class FrequencyForm(forms.Form):
    """How soon an address hears of one thing that it follows."""

    frequency = forms.ChoiceField(label=_("Fréquence"), choices=Frequency.choices)
