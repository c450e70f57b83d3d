"""What a photo may be, and what its decoding may cost."""

from typing import Final, Literal

Format = Literal["JPEG", "PNG", "WebP", "HEIC"]

FORMATS: Final[tuple[Format, ...]] = ("JPEG", "PNG", "WebP", "HEIC")
MAX_PHOTOS: Final = 3
"""Photos per report."""
MAX_BYTES: Final = 12 * 1024 * 1024
MAX_PIXELS: Final = 50_000_000
MAX_COEFFICIENT_BYTES: Final = 310_000_000
"""What a progressive JPEG may need before its first pixel: 50 megapixels in three colours fit, in CMYK 35 do."""
MAX_RATIO: Final = 16
"""Longest side over shortest side. The longest panoramas of phones stay below 6."""

WIDTHS: Final = (320, 960, 1600)
"""Widths in pixels of the variants of an upright picture."""
MAX_VARIANT_HEIGHT: Final = 6000
"""Variants that would be taller are left out: a long screenshot must not cost more memory than a photo.
``MAX_RATIO * min(WIDTHS)`` stays below it, so that at least one variant always exists."""
WEBP_QUALITY: Final = 76

# The child process that decodes. Measured peaks on 50 megapixels: see sandbox.py.
CHILD_DATA_BYTES: Final = 360 * 1024 * 1024
"""Writable memory (RLIMIT_DATA). About 25 MB of mapped libraries come on top: under 400 MB in all."""
CHILD_ADDRESS_BYTES: Final = 640 * 1024 * 1024
"""Address space (RLIMIT_AS): the second fence, for kernels where RLIMIT_DATA does not count mappings."""
CHILD_CPU_SECONDS: Final = 20
"""Ten times what 50 megapixels take; a progressive JPEG of thousands of scans would take minutes."""
CHILD_WALL_SECONDS: Final = 90
CHILD_OUTPUT_BYTES: Final = 16 * 1024 * 1024
