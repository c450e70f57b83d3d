"""Random access to a file from outside that never reads beyond its end."""

from typing import BinaryIO

from .refusals import PhotoRefused, Refusal


class Window:
    """A seekable file of ``size`` bytes. Reading what is not there means that the file was cut."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        """Look at ``file``, of which exactly ``size`` bytes exist."""
        self._file = file
        self.size = size

    def at(self, offset: int, length: int) -> bytes:
        """``length`` bytes from ``offset``; raises :class:`PhotoRefused` (truncated) when they are not all there."""
        if offset < 0 or length < 0 or offset + length > self.size:
            raise PhotoRefused(Refusal.TRUNCATED)
        self._file.seek(offset)
        data = self._file.read(length)
        if len(data) != length:
            raise PhotoRefused(Refusal.TRUNCATED)
        return data
