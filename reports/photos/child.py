"""The process that decodes one photo: the file on standard input, the answer on standard output, then it is gone.

Its arguments are the judged header (format, width, height, orientation) and what a moderator changed, as JSON. The
answer is one line of JSON, ``{"refused": code}`` or ``{"width", "height", "phash", "pictures": [[w, h, bytes], …],
"look": [w, h, bytes] or null}``, and then the pictures' bytes.
Run as ``python -m reports.photos.child`` by :mod:`reports.photos.sandbox` only.
"""

import gc
import json
import os
import resource
import sys
import traceback
from typing import BinaryIO, cast

from .changes import Change
from .decode import make
from .limits import CHILD_ADDRESS_BYTES, CHILD_CPU_SECONDS, CHILD_DATA_BYTES, CHILD_OUTPUT_BYTES, Format
from .refusals import PhotoRefused, Refusal
from .variants import Header, Variants


def main() -> None:
    """Decode standard input under the limits. An exit status other than 0 is a fault of ours, or a signal."""
    _limit_ourselves()
    # libvips logs through Python; a collection at that moment would close pictures, which log in turn: GLib aborts.
    gc.disable()
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a C library that prints must not write into the answer
    try:
        kind, *numbers, changed = sys.argv[1:]
        sys.stdin.buffer.seek(0)  # the parent has read the file before
        header = Header(cast("Format", kind), *map(int, numbers))
        write_variants(answer, make(sys.stdin.buffer.read(), header, Change.of(**json.loads(changed))))
    except PhotoRefused as refusal:
        write_refusal(answer, refusal.code)
    except MemoryError:
        write_refusal(answer, Refusal.TOO_HEAVY)
    except (AttributeError, ImportError, NameError):
        raise  # a broken installation is not the photo's fault
    except Exception:  # noqa: BLE001 -- decoders raise anything
        traceback.print_exc()
        write_refusal(answer, Refusal.UNREADABLE)
    answer.flush()


def _limit_ourselves() -> None:
    limits = {
        resource.RLIMIT_DATA: CHILD_DATA_BYTES,
        resource.RLIMIT_AS: CHILD_ADDRESS_BYTES,
        resource.RLIMIT_CPU: CHILD_CPU_SECONDS,
        resource.RLIMIT_FSIZE: CHILD_OUTPUT_BYTES,
        resource.RLIMIT_CORE: 0,
    }
    for which, value in limits.items():
        resource.setrlimit(which, (value, value + (which == resource.RLIMIT_CPU)))


def write_variants(answer: BinaryIO, variants: Variants) -> None:
    """Write the accepted photo in the form that the module's text describes."""
    looks = () if variants.look is None else (variants.look,)
    shapes = [[picture.width, picture.height, len(picture.data)] for picture in (*variants.pictures, *looks)]
    head = {
        "width": variants.width,
        "height": variants.height,
        "phash": variants.phash,
        "pictures": shapes[: len(variants.pictures)],
        "look": shapes[-1] if looks else None,
    }
    answer.write(json.dumps(head).encode() + b"\n")
    answer.writelines(picture.data for picture in (*variants.pictures, *looks))


def write_refusal(answer: BinaryIO, code: Refusal) -> None:
    """Write the refusal in the form that the module's text describes."""
    answer.write(json.dumps({"refused": code.value}).encode() + b"\n")


if __name__ == "__main__":
    main()
