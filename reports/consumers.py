"""The sockets: what a browser that shows a map or a report hears, and the little that it may say.

Everything sent is public (`reports.live.public_report`), so nobody signs in here. The database is asked on connect and
on watch only, never for a message.
"""

import json
import logging
import time
from collections import deque
from contextlib import suppress
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from reports.geo import Box, groups_of_box
from reports.live import report_group
from reports.models import Event, Report

logger = logging.getLogger(__name__)

# A box takes a hundred characters; nothing longer is meant for us.
MAX_CHARACTERS = 4096
MAX_ERRORS = 5
# A map that is dragged without a pause says where it is less than once a second.
MESSAGES = 30
MESSAGES_SECONDS = 10.0

POLICY_VIOLATION = 1008
TOO_BIG = 1009
TRY_AGAIN_LATER = 1013
NOT_FOUND = 4404


class BadMessage(ValueError):
    """The client said something that this socket does not understand; its text is sent back."""


class LiveConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels ships no types
    """What both sockets share: groups that are left again, bounded input, an answer to every mistake.

    Without Redis a socket closes with 1013: the client comes back later and catches up from the log.
    """

    # For a moment after Redis failed, newcomers are refused without asking it: each failed attempt leaves an entry in
    # the channel layer's memory.
    PAUSE_SECONDS = 2.0
    redis_failed_at = float("-inf")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.joined: set[str] = set()
        self.errors = 0
        self.heard: deque[float] = deque(maxlen=MESSAGES)
        self.is_closing = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if time.monotonic() - LiveConsumer.redis_failed_at < self.PAUSE_SECONDS:
            await send({"type": "websocket.close", "code": TRY_AGAIN_LATER})
            return
        try:
            await super().__call__(scope, receive, send)
        except RedisError:
            logger.warning("a socket closes: the channel layer does not answer")
            LiveConsumer.redis_failed_at = time.monotonic()
            await send({"type": "websocket.close", "code": TRY_AGAIN_LATER})
        finally:
            # Here, and not on disconnect: a socket that ends in an error leaves its groups too.
            await self.leave(self.joined.copy())

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Pass live messages straight on.

        Before any handler Channels looks after the database's connections, in a thread: with a thousand sockets on one
        report that is a thousand waits in line, for messages that never touch the database.
        """
        if message["type"] == "live.message":
            await self.live_message(message)
        else:
            await super().dispatch(message)

    async def listen_to(self, groups: set[str]) -> None:
        """Join these groups and leave the others; new ones first, so that no message falls between."""
        for group in groups - self.joined:
            self.joined.add(group)
            await self.channel_layer.group_add(group, self.channel_name)
        await self.leave(self.joined - groups)

    async def leave(self, groups: set[str]) -> None:
        """Leave groups; the layer forgets the socket even where Redis cannot be told."""
        for group in groups:
            self.joined.discard(group)
            with suppress(RedisError):
                await self.channel_layer.group_discard(group, self.channel_name)

    async def send(self, *args: Any, **kwargs: Any) -> None:
        """Send, unless this socket is closing: what still stands in its queues must not break it."""
        if not self.is_closing:
            await super().send(*args, **kwargs)

    async def close(self, code: int | None = None, reason: str | None = None) -> None:
        """Close once."""
        if not self.is_closing:
            self.is_closing = True
            await super().close(code, reason)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Read one message; five that cannot be read, or one that is far too long, close the socket."""
        if self.is_closing:
            return
        if len(text_data or bytes_data or "") > MAX_CHARACTERS:
            await self.close(TOO_BIG)
            return
        try:
            self.count_message()
            await self.hear(parse(text_data))
        except ValueError as error:
            await self.refuse(str(error))

    def count_message(self) -> None:
        """Keep the pace.

        Raises:
            BadMessage: too many messages in a short time.
        """
        now = time.monotonic()
        if len(self.heard) == MESSAGES and now - self.heard[0] < MESSAGES_SECONDS:
            raise BadMessage(_("Trop de messages. Attendez quelques secondes."))
        self.heard.append(now)

    async def hear(self, message: dict[str, Any]) -> None:
        """Act on a message.

        Raises:
            BadMessage, BadBox
        """
        raise BadMessage(_("Cette liaison n’attend aucun message."))

    async def refuse(self, sentence: str) -> None:
        """Say what was wrong, and hang up on the fifth mistake."""
        self.errors += 1
        await self.say({"type": "error", "message": sentence})
        if self.errors >= MAX_ERRORS:
            await self.close(POLICY_VIOLATION)

    async def say(self, message: dict[str, Any]) -> None:
        """Send an answer."""
        await self.send(text_data=json.dumps(message))

    async def live_message(self, message: dict[str, Any]) -> None:
        """Pass on what `reports.live.publish` sent to a group."""
        await self.send(text_data=message["text"])


class MapConsumer(LiveConsumer):
    """`/ws/map/`: hears of every public change inside the box that it watches."""

    box: Box | None = None

    async def hear(self, message: dict[str, Any]) -> None:
        """Watch a box: `{"type": "watch", "bbox": [west, south, east, north]}`.

        Answers `{"type": "watching", "bbox": […], "after": ID}`: a client without a cursor reads the feed from `after`.
        """
        edges = message.get("bbox")
        if message.get("type") != "watch" or not isinstance(edges, list) or len(edges) != 4:  # noqa: PLR2004
            raise BadMessage(_('Envoyez {"type": "watch", "bbox": [ouest, sud, est, nord]}.'))
        box = Box.of(*edges)
        await self.listen_to(set(groups_of_box(box)))
        self.box = box
        await self.say({"type": "watching", "bbox": list(box.edges), "after": await latest_event.get()})

    async def live_message(self, message: dict[str, Any]) -> None:
        """Pass on what lies in the box; the groups are coarser than it."""
        if self.box is not None and self.box.holds(*message["place"]):
            await self.send(text_data=message["text"])


class ReportConsumer(LiveConsumer):
    """`/ws/reports/<ref>/`: hears of every public change of one report; 4404 where there is no public one."""

    async def connect(self) -> None:
        ref = self.scope["url_route"]["kwargs"]["ref"].upper()
        await self.accept()
        if not await database_sync_to_async(is_public)(ref):
            await self.close(NOT_FOUND)
            return
        await self.listen_to({report_group(ref)})
        await self.say({"type": "watching", "report": ref, "after": await latest_event.get()})


class NoSuchSocket(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels ships no types
    """Any other address: refused before the handshake, without a line in the error log."""

    async def connect(self) -> None:
        await self.close()


class LatestEvent:
    """Where a catch-up may begin, asked of the database at most once a second however many sockets open.

    An older answer is as good: the client only reads a little more from the feed.
    """

    SECONDS = 1.0

    def __init__(self) -> None:
        self.value: int | None = None
        self.asked_at = float("-inf")

    async def get(self) -> int:
        """Return the id of the latest settled public event."""
        now = time.monotonic()
        if self.value is None or now - self.asked_at > self.SECONDS:
            # Set before the question: whoever comes meanwhile takes the earlier answer.
            self.asked_at = now
            self.value = await database_sync_to_async(Event.objects.latest_public_id)()
        return self.value


latest_event = LatestEvent()


def is_public(ref: str) -> bool:
    """Say whether there is a public report with this number."""
    return Report.objects.public().filter(ref=ref).exists()


def parse(text: str | None) -> dict[str, Any]:
    """Read a JSON object.

    Raises:
        BadMessage: it is anything else.
    """
    try:
        message = json.loads(text or "")
    except (ValueError, RecursionError):
        message = None
    if not isinstance(message, dict):
        raise BadMessage(_("Envoyez un objet JSON."))
    return message
