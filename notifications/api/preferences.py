"""`me/preferences/`: what a person hears of, how soon, and at what hour."""

from typing import Any, ClassVar

from django.db import transaction
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from notifications.models import Channel, Topic
from notifications.services import preferences
from notifications.services.recipients import choices_of, recipient_of_user
from notifications.services.schedule import has_work
from reports.api.base import LazySignInView, keep_private, problems, signed_in
from reports.api.parsers import JsonObjectParser
from reports.api.scopes import ACCOUNT
from reports.models import Frequency

TIMES = ("hour", "weekday", "time_zone")
MAX_ZONE = 40


class ChannelsSerializer(serializers.Serializer[Any]):
    """How soon news of one topic comes by each channel."""

    email = serializers.ChoiceField(choices=Frequency.values, required=False)
    push = serializers.ChoiceField(choices=[Frequency.AT_ONCE, Frequency.NEVER], required=False)


class TopicsSerializer(serializers.Serializer[Any]):
    """The topics; `work` only for whoever works here."""

    progress = ChannelsSerializer(required=False)
    comments = ChannelsSerializer(required=False)
    nearby = ChannelsSerializer(required=False)
    work = ChannelsSerializer(required=False)


class PreferencesSerializer(serializers.Serializer[Any]):
    """A person's wishes; `hour`, `weekday` (0 is Monday) and `time_zone` say when digests come."""

    topics = TopicsSerializer(required=False)
    hour = serializers.IntegerField(required=False, min_value=0, max_value=preferences.LAST_HOUR)
    weekday = serializers.IntegerField(required=False, min_value=0, max_value=preferences.LAST_WEEKDAY)
    time_zone = serializers.CharField(required=False, max_length=MAX_ZONE)
    muted = serializers.BooleanField(required=False, help_text="Nothing at all is sent.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse an empty change."""
        if not attrs:
            raise serializers.ValidationError(
                _("Indiquez ce qui change : topics, hour, weekday, time_zone ou muted."), code="nothing_to_change"
            )
        return attrs


def described(user: User) -> dict[str, Any]:
    """Return a person's wishes, the defaults included."""
    recipient = recipient_of_user(user)
    chosen = choices_of(user)
    topics = [topic for topic in Topic.values if topic != Topic.WORK or has_work(user)]
    return {
        "topics": {topic: {channel: chosen[topic, channel] for channel in Channel.values} for topic in topics},
        **{name: getattr(recipient, name) for name in TIMES},
        "muted": recipient.muted_at is not None,
    }


@transaction.atomic
def change(user: User, facts: dict[str, Any]) -> None:
    """Change what was sent, all of it or nothing.

    Raises:
        UnknownChoice: there is no such choice, or it is not theirs.
    """
    for topic, channels in facts.get("topics", {}).items():
        for channel, frequency in channels.items():
            preferences.set_preference(user=user, topic=topic, channel=channel, frequency=frequency)
    recipient = recipient_of_user(user)
    if any(name in facts for name in TIMES):
        times = {name: facts.get(name, getattr(recipient, name)) for name in TIMES}
        preferences.choose_times(recipient=recipient, **times)
    if "muted" in facts:
        (preferences.mute if facts["muted"] else preferences.unmute)(recipient=recipient)


class MyPreferencesView(LazySignInView):
    """What whoever asks wants to hear of."""

    scopes: ClassVar = {"GET": (ACCOUNT,), "PATCH": (ACCOUNT,)}
    parser_classes = (JsonObjectParser,)

    @extend_schema(
        operation_id="me_preferences_read",
        summary="Ask what one hears of, and how soon",
        responses={200: PreferencesSerializer, **problems(_401="Nobody is signed in.")},
    )
    def get(self, request: Request) -> HttpResponse:
        """Return the wishes, the defaults included."""
        return keep_private(Response(described(signed_in(request))))

    @extend_schema(
        operation_id="me_preferences_change",
        summary="Choose what one hears of, and how soon",
        request=PreferencesSerializer,
        responses={
            200: PreferencesSerializer,
            **problems(
                _400="A field cannot be understood.",
                _401="Nobody is signed in.",
                _422="`unknown_choice`: not offered for this topic, channel or person.",
            ),
        },
    )
    def patch(self, request: Request) -> HttpResponse:
        """Change what is sent and nothing else."""
        user = signed_in(request)
        given = PreferencesSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        change(user, given.validated_data)
        return keep_private(Response(described(user)))
