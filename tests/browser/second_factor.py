"""The telephone of the demonstration's staff: codes of the second factor, each given once."""

import time

from ops.factor import PERIOD_SECONDS, code_at

# The portal takes the code of the period before and after, too.
PERIODS = (0, 1, -1)
given: set[tuple[str, int]] = set()


def next_code(secret: str) -> str:
    """Return a code that is good now and was not given before, waiting for one if need be."""
    while True:
        now = int(time.time()) // PERIOD_SECONDS
        for counter in (now + period for period in PERIODS):
            if (secret, counter) not in given:
                given.add((secret, counter))
                return code_at(secret, counter)
        time.sleep(1)
