"""What the request finds out about a photo without decoding it."""

import hashlib
import resource
import struct
import time
import tracemalloc
from datetime import UTC, datetime, timedelta, timezone
from io import BytesIO
from typing import Any

import pillow_heif
import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from reports.photos import MAX_BYTES, PhotoFacts, PhotoRefused, Refusal, inspect
from tests.reports.photo_samples import FORMATS, YAOUNDE, box, encoded, exif, png, street

SAMPLES = {kind: encoded(street(48, 32), kind) for kind in FORMATS}
JPEG, PNG, WEBP, HEIC = SAMPLES.values()

# Pillow warns about broken EXIF, which is nothing to us; what it warns about, it leaves out.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


def judge(data: bytes) -> PhotoFacts:
    return inspect(BytesIO(data), len(data))


def refusal(data: bytes) -> Refusal:
    with pytest.raises(PhotoRefused) as refused:
        judge(data)
    return refused.value.code


def outcome(data: bytes) -> Refusal | None:
    try:
        judge(data)
    except PhotoRefused as refused:
        return refused.code
    return None


@pytest.mark.parametrize(("kind", "data"), SAMPLES.items(), ids=FORMATS)
def test_inspect_each_format(kind: str, data: bytes) -> None:
    facts = judge(data)
    assert (facts.format, facts.width, facts.height, facts.orientation) == (kind, 48, 32, 1)
    assert (facts.size, facts.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert (facts.taken_at, facts.taken_point) == (None, None)


def test_inspect_leaves_the_file_at_its_start() -> None:
    file = BytesIO(JPEG)
    inspect(file, len(JPEG))
    assert file.tell() == 0


@pytest.mark.parametrize("kind", FORMATS)
def test_inspect_reads_place_and_time_in_each_format(kind: str) -> None:
    block = exif(gps=YAOUNDE, taken="2026:03:05 07:08:09", offset="+01:00")
    facts = judge(encoded(street(48, 32), kind, exif=block))
    assert facts.taken_point == pytest.approx((11.517, 3.866))
    assert facts.taken_at == datetime(2026, 3, 5, 7, 8, 9, tzinfo=timezone(timedelta(hours=1)))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_inspect_orientation_gives_the_upright_size(orientation: int) -> None:
    facts = judge(encoded(street(48, 32), exif=exif(orientation=orientation)))
    assert facts.orientation == orientation
    assert facts.upright_size == ((48, 32) if orientation < 5 else (32, 48))


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_inspect_impossible_orientation_is_none(orientation: int) -> None:
    assert judge(encoded(street(48, 32), exif=exif(orientation=orientation))).orientation == 1


def test_inspect_heic_turned_by_its_own_box() -> None:
    heif = pillow_heif.from_pillow(street(48, 32))
    out = BytesIO()
    heif.save(out, exif=exif(orientation=6))  # written as an ``irot`` box
    facts = judge(out.getvalue())
    assert (facts.width, facts.height, facts.orientation) == (32, 48, 1)


def test_inspect_heic_of_odd_size_is_not_its_padding() -> None:
    facts = judge(encoded(street(47, 33), "HEIC"))
    assert (facts.width, facts.height) == (47, 33)


@pytest.mark.parametrize(
    ("taken", "offset", "expected"),
    [
        ("2026:03:05 07:08:09", None, datetime(2026, 3, 5, 7, 8, 9)),  # noqa: DTZ001 -- local time of an unknown place
        ("2026:03:05 07:08:09", "Z", datetime(2026, 3, 5, 7, 8, 9, tzinfo=UTC)),
        ("2026:03:05 07:08:09", "-03:30", datetime(2026, 3, 5, 10, 38, 9, tzinfo=UTC)),
        ("2026:03:05 07:08:09", "+99:00", datetime(2026, 3, 5, 7, 8, 9)),  # noqa: DTZ001
        ("0000:00:00 00:00:00", "+01:00", None),
        ("1970:01:01 00:00:00", None, None),
        ("2026:13:05 07:08:09", None, None),
        ("9999:12:31 23:59:59", "-03:30", None),
        ("hier soir", None, None),
    ],
)
def test_inspect_time(taken: str, offset: str | None, expected: datetime | None) -> None:
    found = judge(encoded(street(48, 32), exif=exif(taken=taken, offset=offset))).taken_at
    assert found == expected
    assert (found and found.tzinfo is None) == (expected and expected.tzinfo is None)


@pytest.mark.parametrize(
    "gps",
    [
        ("N", (0.0, 0.0, 0.0), "E", (0.0, 0.0, 0.0)),
        ("N", (IFDRational(0, 0), 0.0, 0.0), "E", (11.0, 0.0, 0.0)),
        ("N", (91.0, 0.0, 0.0), "E", (11.0, 0.0, 0.0)),
        ("N", (3.0, 0.0, 0.0), "E", (181.0, 0.0, 0.0)),
        ("?", (3.0, 0.0, 0.0), "E", (11.0, 0.0, 0.0)),
        ("N", (3.0,), "E", (11.0,)),
    ],
)
def test_inspect_implausible_place_is_none(gps: tuple[Any, Any, Any, Any]) -> None:
    assert judge(encoded(street(48, 32), exif=exif(gps=gps))).taken_point is None


def test_inspect_south_and_west_are_negative() -> None:
    gps = ("S", (22.0, 54.0, 0.0), "W", (43.0, 12.0, 0.0))
    assert judge(encoded(street(48, 32), exif=exif(gps=gps))).taken_point == pytest.approx((-43.2, -22.9))


def test_inspect_believes_bytes_not_the_claimed_size() -> None:
    assert inspect(BytesIO(JPEG), 1).size == len(JPEG)
    with pytest.raises(PhotoRefused) as refused:
        inspect(BytesIO(JPEG + bytes(MAX_BYTES)), 1)
    assert refused.value.code == Refusal.TOO_LARGE


REFUSED = {
    "nothing": (b"", Refusal.EMPTY),
    "too many bytes": (JPEG + bytes(MAX_BYTES), Refusal.TOO_LARGE),
    "svg": (b"<svg onload=alert(1)>", Refusal.UNKNOWN_FORMAT),
    "gif": (b"GIF89a\1\0\1\0\0\0\0;", Refusal.UNKNOWN_FORMAT),
    "avif": (b"\0\0\0\x18ftypavif\0\0\0\0avifmif1", Refusal.UNKNOWN_FORMAT),
    "jpeg cut in its header": (JPEG[:40], Refusal.UNREADABLE),
    "png cut in its header": (PNG[:40], Refusal.UNREADABLE),
    "webp cut": (WEBP[:-1], Refusal.UNREADABLE),
    "heic cut in its header": (HEIC[:200], Refusal.UNREADABLE),
    "no width": (png((0, 5, 8, 2, 0), b""), Refusal.UNREADABLE),
    "50 megapixels and a bit": (png((50_000, 1001, 8, 2, 0), b""), Refusal.TOO_MANY_PIXELS),
    "bomb": (png((2**31, 2**31, 8, 2, 0), b""), Refusal.TOO_MANY_PIXELS),
    "ribbon": (png((17, 1, 8, 2, 0), b""), Refusal.BAD_SHAPE),
    "animated png": (png((9, 9, 8, 2, 0), b"", (b"acTL", struct.pack(">II", 2, 0))), Refusal.ANIMATED),
    "animated webp": (
        encoded(street(9, 9), "WebP", save_all=True, append_images=[street(9, 9).rotate(90)]),
        Refusal.ANIMATED,
    ),
    "jpeg without a frame": (b"\xff\xd8\xff\xd9", Refusal.UNREADABLE),
    "jpeg of comments only": (b"\xff\xd8" + b"\xff\xfe\0\2" * 3000, Refusal.UNREADABLE),
    "jpeg of padding only": (b"\xff\xd8" + b"\xff" * 5000, Refusal.UNREADABLE),
}


@pytest.mark.parametrize("name", REFUSED)
def test_inspect_refuses(name: str) -> None:
    data, expected = REFUSED[name]
    assert refusal(data) == expected


def test_inspect_progressive_cmyk_beyond_memory_is_refused() -> None:
    data = encoded(street(16, 16, "CMYK"), progressive=True)
    frame = data.index(b"\xff\xc2") + 5
    assert refusal(data[:frame] + struct.pack(">HH", 7000, 7000) + data[frame + 4 :]) == Refusal.TOO_HEAVY


def _heic(*meta: bytes) -> bytes:
    return box(b"ftyp", b"heic\0\0\0\0mif1") + box(b"meta", bytes(4), *meta)


_FTYP = box(b"ftyp", b"heic\0\0\0\0mif1")
HOSTILE_HEIC = {
    "nothing inside": _heic(),
    "no items": _heic(box(b"pitm", bytes(4), b"\0\1")),
    "items announced only": _heic(box(b"iinf", bytes(4), b"\xff\xff")),
    # 60,000 items of 65,535 extents that take no bytes at all: four thousand million turns of a loop.
    "extents without bytes": _heic(box(b"iloc", bytes(4), b"\0\0", b"\xea\x60", b"\0\1\0\0\xff\xff" * 60_000)),
    "a million boxes": _FTYP + box(b"free") * 1_000_000,
    "a box of 2⁶³ bytes": _FTYP + struct.pack(">I4sQ", 1, b"meta", 2**63),
    "a box shorter than its head": _FTYP + struct.pack(">I4s", 4, b"meta") + bytes(64),
}


@pytest.mark.parametrize("name", HOSTILE_HEIC)
def test_inspect_hostile_heic_is_refused_at_once(name: str) -> None:
    started = time.perf_counter()
    assert refusal(HOSTILE_HEIC[name]) in {Refusal.UNREADABLE, Refusal.TRUNCATED}
    assert time.perf_counter() - started < 0.5


def test_inspect_heic_of_another_codec_is_refused() -> None:
    assert refusal(HEIC.replace(b"hvc1", b"av01")) == Refusal.UNREADABLE


@pytest.mark.parametrize("data", SAMPLES.values(), ids=FORMATS)
def test_inspect_every_cut_is_an_answer(data: bytes) -> None:
    allowed = {Refusal.EMPTY, Refusal.UNKNOWN_FORMAT, Refusal.TRUNCATED, Refusal.UNREADABLE, None}
    assert {outcome(data[:length]) for length in range(len(data))} <= allowed


@settings(max_examples=300, deadline=None)
@given(
    start=st.sampled_from([encoded(street(16, 16), kind, exif=exif(gps=YAOUNDE, orientation=6)) for kind in FORMATS]),
    changes=st.lists(st.tuples(st.integers(0, 700), st.integers(0, 255)), max_size=12),
)
def test_inspect_any_bytes_give_facts_or_a_refusal(start: bytes, changes: list[tuple[int, int]]) -> None:
    data = bytearray(start)
    for position, value in changes:
        data[position % len(data)] = value
    try:
        facts = judge(bytes(data))
    except PhotoRefused:
        return
    assert 0 < facts.width * facts.height <= 50_000_000
    assert facts.orientation in range(1, 9)
    assert facts.taken_point is None or (abs(facts.taken_point[0]) <= 180 and abs(facts.taken_point[1]) <= 90)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from([b"\xff\xd8\xff\xe1\xff\xffExif\0\0II*\0\x08\0\0\0", b"\xff\xd8\xff\xe1\xff\xffExif\0\0MM\0*"]),
    st.binary(),
)
def test_inspect_any_exif_is_harmless(start: bytes, block: bytes) -> None:
    data = (start + block).ljust(4 + 0xFFFF, b"\1") + encoded(street(16, 16))[2:]
    assert judge(data).width == 16


def test_inspect_takes_no_memory_for_the_pixels_that_a_header_promises() -> None:
    """50 megapixels of WebP: its reader sets a canvas aside, which must stay untouched."""
    data = encoded(Image.new("L", (8660, 5773)).convert("RGB"), "WebP", method=0, lossless=True)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert judge(data).width == 8660
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000


def test_inspect_needs_little_memory_and_time_for_the_largest_file() -> None:
    file = BytesIO(encoded(street(2000, 1000)).ljust(MAX_BYTES, b"\xff"))
    tracemalloc.start()
    started = time.perf_counter()
    inspect(file, MAX_BYTES)
    elapsed, (_, peak) = time.perf_counter() - started, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert elapsed < 1
    assert peak < 1_500_000


@pytest.mark.parametrize("code", list(Refusal))
def test_refusal_says_what_to_do(code: Refusal) -> None:
    with translation.override("fr"):
        sentences = str(PhotoRefused(code)).split(". ")
    assert len(sentences) == 2
    assert sentences[-1].endswith(".")
    assert "{" not in "".join(sentences)
