"""Photos from outside: judged in the request, decoded far away from it.

Every byte is hostile. The work is split in two, so that no pixel is ever decoded in a web process:

* :func:`inspect` reads headers with Pillow: format by content, size in pixels, EXIF orientation, time and place,
  SHA-256. A few milliseconds, bounded memory. This is what the request calls.
* :func:`make_variants` decodes with libvips in a child process with hard limits and returns upright sRGB WebP pictures
  without any metadata. This is what the Celery task calls; a decoder that crashes or devours memory takes only the
  child with it.

Both raise :class:`PhotoRefused` with a sentence for the person; only a fault of our own machine
(:class:`PhotoWorkerFailed`) is worth trying again.
"""

from .changes import MAX_MASKS, TURNS, Change, Rectangle
from .facts import PhotoFacts, inspect
from .limits import FORMATS, MAX_BYTES, MAX_PHOTOS, MAX_PIXELS, WIDTHS
from .refusals import PhotoRefused, Refusal
from .sandbox import PhotoWorkerFailed, make_variants
from .variants import Picture, Variants

__all__ = [
    "FORMATS",
    "MAX_BYTES",
    "MAX_MASKS",
    "MAX_PHOTOS",
    "MAX_PIXELS",
    "TURNS",
    "WIDTHS",
    "Change",
    "PhotoFacts",
    "PhotoRefused",
    "PhotoWorkerFailed",
    "Picture",
    "Rectangle",
    "Refusal",
    "Variants",
    "inspect",
    "make_variants",
]
