"""Lines of many programs on one terminal, each with the time and the name of the program that said it."""

import threading
import time
from typing import TextIO

COLOURS = (36, 33, 32, 35, 34, 96, 93, 92)
NAME_WIDTH = 8


class Log:
    """Writes whole lines, one at a time, from any thread; coloured where a person looks at a terminal."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()
        self._coloured = stream.isatty()
        self._colours: dict[str, int] = {}
        self._open = True

    def line(self, name: str, text: str) -> None:
        """Write one line of one program."""
        prefix = f"{time.strftime('%H:%M:%S')} {name.ljust(NAME_WIDTH)} |"
        if self._coloured:
            colour = self._colours.setdefault(name, COLOURS[len(self._colours) % len(COLOURS)])
            prefix = f"\033[{colour}m{prefix}\033[0m"
        self.plain(f"{prefix} {text}")

    def plain(self, text: str) -> None:
        """Write a line that stands alone, for people and scripts."""
        with self._lock:
            if not self._open:
                return
            try:
                self._stream.write(f"{text}\n")
                self._stream.flush()
            except BrokenPipeError:
                # Whoever read us has gone (`make run | head`). The programs go on; their pipes must still be emptied.
                self._open = False
