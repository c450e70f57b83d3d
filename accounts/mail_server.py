"""The mail server: asked with a patience that ends, and not by everybody at once.

A server that accepts a connection and then says nothing costs whoever waits `settings.EMAIL_TIMEOUT` seconds. One has
to wait in vain; for a while the others are refused at once, so that it does not hold every worker and every page.
"""

import contextlib
import logging
from collections.abc import Iterator

from django.conf import settings
from django.core.cache import cache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

SILENT = "mail-server-silent"
# So many times longer than the wait nobody else tries.
SPARED = 3


class MailServerSilent(OSError):
    """Somebody has just waited for the mail server in vain; worth another try in a while."""


@contextlib.contextmanager
def patience() -> Iterator[None]:
    """Run what talks to the mail server.

    Raises:
        MailServerSilent: it did not answer a moment ago, and was not asked again.
    """
    # A lost memory must not keep mails back: then everybody waits for themselves.
    with contextlib.suppress(RedisError):
        if cache.get(SILENT):
            raise MailServerSilent(SILENT)
    try:
        yield
    except OSError as error:
        # `smtplib` tells a server that is silent like one that hangs up, with the true reason behind it.
        if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
            logger.warning("the mail server does not answer: nobody asks it for a while")
            with contextlib.suppress(RedisError):
                cache.set(SILENT, value=True, timeout=SPARED * settings.EMAIL_TIMEOUT)
        raise
