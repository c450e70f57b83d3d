"""What the worker makes of a photo, in its child process."""

import multiprocessing
import signal
import struct
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageCms, ImageStat

from reports.photos import PhotoRefused, PhotoWorkerFailed, Refusal, Variants, make_variants, sandbox
from tests.reports.photo_samples import FORMATS, YAOUNDE, display_p3, encoded, exif, png, street, webp_chunks


def variants_of(data: bytes) -> Variants:
    return make_variants(BytesIO(data))


def refusal(data: bytes) -> Refusal:
    with pytest.raises(PhotoRefused) as refused:
        variants_of(data)
    return refused.value.code


def opened(variants: Variants, width: int | None = None) -> Image.Image:
    files = variants.files
    return Image.open(BytesIO(files[width or max(files)])).convert("RGB")


def colour(image: Image.Image, x: float, y: float) -> tuple[int, ...]:
    """Mean colour of a small square around a place given in parts of the width and height."""
    left, top = int(x * (image.width - 8)), int(y * (image.height - 8))
    return tuple(round(mean) for mean in ImageStat.Stat(image.crop((left, top, left + 8, top + 8))).mean)


@pytest.mark.parametrize("kind", FORMATS)
def test_make_variants_of_each_format(kind: str) -> None:
    variants = variants_of(encoded(street(2000, 1500), kind))
    assert (variants.width, variants.height) == (2000, 1500)
    assert [(p.width, p.height) for p in variants.pictures] == [(320, 240), (960, 720), (1600, 1200)]
    for width in variants.files:
        image = opened(variants, width)
        assert image.width == width
        assert colour(image, 0, 0)[0] > 230
        assert colour(image, 1, 1)[0] < 45


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((1, 1), [1]),
        ((100, 80), [100]),
        ((319, 900), [319]),
        ((320, 200), [320]),
        ((1200, 900), [320, 960]),
        ((1601, 1000), [320, 960, 1600]),
        ((1600, 7000), [320, 960]),
        ((300, 4800), [300]),
    ],
)
def test_make_variants_never_upscales(size: tuple[int, int], expected: list[int]) -> None:
    variants = variants_of(encoded(street(*size)))
    assert list(variants.files) == expected
    assert (variants.width, variants.height) == size


@pytest.mark.parametrize("kind", FORMATS)
def test_make_variants_carry_nothing_but_pixels(kind: str) -> None:
    block = exif(orientation=6, gps=YAOUNDE, taken="2026:03:05 07:08:09")
    marks: dict[str, Any] = {"exif": block, "icc_profile": display_p3()}
    if kind != "PNG":
        marks["xmp"] = b"<x:xmpmeta>secret</x:xmpmeta>"
    variants = variants_of(encoded(street(1000, 700), kind, **marks))
    for data in variants.files.values():
        assert webp_chunks(data) in ([b"VP8 "], [b"VP8L"])
        assert len(data) == 8 + struct.unpack("<I", data[4:8])[0]


def test_is_bare_tells_metadata() -> None:
    image = street(20, 20)
    assert is_bare(encoded(image, "WebP"))
    assert not is_bare(encoded(image, "WebP", exif=exif(orientation=6)))
    assert not is_bare(encoded(image, "WebP", icc_profile=display_p3()))
    assert not is_bare(encoded(image, "WebP") + b"behind")
    assert not is_bare(encoded(image, "WebP")[:-4])
    assert not is_bare(encoded(image, "PNG"))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WebP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_make_variants_are_upright(kind: str, orientation: int) -> None:
    upright = Image.new("RGB", (400, 320))
    for place, paint in {(0, 0): "red", (200, 0): "lime", (0, 160): "blue", (200, 160): "white"}.items():
        upright.paste(paint, (*place, place[0] + 200, place[1] + 160))
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }.get(orientation)
    stored = upright if undo is None else upright.transpose(undo)
    variants = variants_of(encoded(stored, kind, exif=exif(orientation=orientation)))
    assert (variants.width, variants.height) == (400, 320)
    image = opened(variants)
    assert image.size == (320, 256)
    found = [colour(image, x, y) for y in (0.1, 0.9) for x in (0.1, 0.9)]
    expected = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)]
    assert found == [pytest.approx(paint, abs=12) for paint in expected]


def test_make_variants_of_heic_turned_by_its_box() -> None:
    stored = street(600, 400).transpose(Image.Transpose.ROTATE_90)
    image = opened(variants_of(encoded(stored, "HEIC", exif=exif(orientation=6))))
    assert image.size == (320, 213)
    assert colour(image, 0, 0)[0] > 230


@pytest.mark.parametrize("kind", FORMATS)
def test_make_variants_translate_display_p3(kind: str) -> None:
    flat = Image.new("RGB", (400, 300), (200, 60, 60))
    srgb = ImageCms.createProfile("sRGB")
    expected = ImageCms.profileToProfile(flat, ImageCms.ImageCmsProfile(BytesIO(display_p3())), srgb)
    assert expected is not None
    wanted = colour(expected, 0.5, 0.5)
    assert wanted[0] > 210
    found = colour(opened(variants_of(encoded(flat, kind, icc_profile=display_p3()))), 0.5, 0.5)
    assert found == pytest.approx(wanted, abs=5)


def test_make_variants_ignore_a_broken_profile() -> None:
    image = opened(variants_of(encoded(street(), icc_profile=b"no profile at all")))
    assert colour(image, 0, 0)[0] > 230


@pytest.mark.parametrize("kind", ["PNG", "WebP", "HEIC"])
def test_make_variants_put_transparency_on_white(kind: str) -> None:
    image = Image.new("RGBA", (400, 300), (255, 0, 0, 0))
    image.paste((0, 0, 255, 255), (0, 0, 200, 300))
    made = opened(variants_of(encoded(image, kind)))
    assert colour(made, 0.2, 0.5) == pytest.approx((0, 0, 255), abs=12)
    assert colour(made, 0.8, 0.5) == pytest.approx((255, 255, 255), abs=12)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "CMYK", "I;16"])
def test_make_variants_of_every_colour_mode(mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    if mode == "I;16":
        image = Image.frombytes("I;16", (400, 300), struct.pack("<H", 0xC0C0) * 120_000)
    else:
        image = Image.new("L", (400, 300), 192).convert(mode, dither=Image.Dither.NONE)
    wanted = 255 if mode == "1" else 192
    assert colour(opened(variants_of(encoded(image, kind))), 0.5, 0.5) == pytest.approx((wanted,) * 3, abs=6)


def test_make_variants_of_png_of_16_bit_colours() -> None:
    scanlines = (b"\0" + struct.pack(">HHH", 0xC8C8, 0x6464, 0x3232) * 40) * 30
    assert colour(opened(variants_of(png((40, 30, 16, 2, 0), scanlines))), 0.5, 0.5) == pytest.approx(
        (200, 100, 50), abs=6
    )


def test_make_variants_of_interlaced_png() -> None:
    passes = [(5, 5), (5, 5), (10, 5), (10, 10), (20, 10), (20, 20), (40, 20)]
    scanlines = b"".join((b"\0" + b"\xc8\x64\x32" * columns) * rows for columns, rows in passes)
    assert colour(opened(variants_of(png((40, 40, 8, 2, 1), scanlines))), 0.5, 0.5) == pytest.approx(
        (200, 100, 50), abs=6
    )
    assert refusal(png((40, 40, 8, 2, 1), scanlines[:-500])) == Refusal.TRUNCATED


def test_make_variants_survive_broken_chunks_that_hold_no_pixels() -> None:
    scanlines = (b"\0" + b"\xc8\x64\x32" * 40) * 30
    broken = [(b"zTXt", b"key\0\x78nonsense"), (b"cHRM", b"\1"), (b"eXIf", b"II*\0\xff\xff\xff\xff")]
    assert list(variants_of(png((40, 30, 8, 2, 0), scanlines, *broken)).files) == [40]


@pytest.mark.parametrize("share", [0.0, 0.5, 0.98])
def test_png_with_missing_rows_is_refused(share: float) -> None:
    rows = [b"\0" + bytes([row] * 300) for row in range(100)]
    assert refusal(png((100, 100, 8, 2, 0), b"".join(rows[: int(share * 100)]))) == Refusal.TRUNCATED


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"restart_marker_rows": 1}, {"subsampling": 0}])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_jpeg_cut_and_closed_is_refused(options: dict[str, Any], share: float) -> None:
    noisy = Image.effect_noise((1400, 1000), 60).convert("RGB")
    data = encoded(noisy, quality=85, **options)
    start = data.index(b"\xff\xda")
    cut = data[: start + int((len(data) - start) * (0.05 if options.get("progressive") else share))]
    assert refusal(cut) in {Refusal.TRUNCATED, Refusal.UNREADABLE}
    assert refusal(cut.rstrip(b"\xff") + b"\xff\xd9") in {Refusal.TRUNCATED, Refusal.UNREADABLE}


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"restart_marker_rows": 1}, {"subsampling": 0}])
@pytest.mark.parametrize("paint", ["#808080", "white", "#123456"])
def test_flat_jpeg_is_not_taken_for_a_cut_one(options: dict[str, Any], paint: str) -> None:
    flat = encoded(Image.new("RGB", (2000, 1500), paint), **options)
    assert list(variants_of(flat + b"a film behind the picture").files) == [320, 960, 1600]


@pytest.mark.parametrize("lossless", [True, False])
def test_webp_cut_and_closed_is_refused(*, lossless: bool) -> None:
    data = encoded(Image.effect_noise((600, 400), 60).convert("RGB"), "WebP", lossless=lossless)
    length = len(data) // 4 * 2
    cut = b"RIFF" + struct.pack("<I", length + 12) + data[8:16] + struct.pack("<I", length) + data[20 : 20 + length]
    assert refusal(cut) == Refusal.UNREADABLE


def test_phash_finds_the_same_picture_again() -> None:
    one = variants_of(encoded(street(2000, 1500), quality=95)).phash
    again = variants_of(encoded(street(800, 600), "WebP", quality=40)).phash
    other = variants_of(encoded(street(2000, 1500).transpose(Image.Transpose.ROTATE_180))).phash
    assert len(one) == 16
    assert (int(one, 16) ^ int(again, 16)).bit_count() <= 4
    assert (int(one, 16) ^ int(other, 16)).bit_count() >= 24


def test_make_variants_reads_a_path(tmp_path: Path) -> None:
    path = tmp_path / "photo"
    path.write_bytes(encoded(street()))
    assert list(make_variants(path).files) == [320]


def test_make_variants_refuses_what_grew_too_large() -> None:
    assert refusal(encoded(street()) + bytes(13 * 1024 * 1024)) == Refusal.TOO_LARGE


def test_make_variants_works_in_a_daemonic_process() -> None:
    """A prefork Celery worker is one: it may not have multiprocessing children."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_send_widths, args=(theirs,), daemon=True)
    process.start()
    assert ours.poll(30)
    assert ours.recv() == [320]
    process.join()


def _send_widths(connection: Any) -> None:
    connection.send(list(variants_of(encoded(street())).files))


def _replace_child(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    run = subprocess.run

    def other(_command: list[str], **options: Any) -> subprocess.CompletedProcess[bytes]:
        return run([sys.executable, "-c", program], **options)

    monkeypatch.setattr(subprocess, "run", other)


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (signal.SIGXCPU, Refusal.TOO_HEAVY),
        (signal.SIGSEGV, Refusal.UNREADABLE),
        (signal.SIGABRT, Refusal.UNREADABLE),
    ],
)
def test_a_decoder_that_crashes_is_a_refusal(
    monkeypatch: pytest.MonkeyPatch, number: signal.Signals, code: Refusal
) -> None:
    program = f"import os, resource; resource.setrlimit(resource.RLIMIT_CORE, (0, 0)); os.kill(os.getpid(), {number})"
    _replace_child(monkeypatch, program)
    assert refusal(encoded(street())) == code


@pytest.mark.parametrize(
    "program",
    [
        "import os; os.kill(os.getpid(), 9)",
        "raise ImportError",
        "print('nonsense')",
        "print('[]')",
        "print('{}')",
        'print(\'{"refused": "because"}\')',
        'print(\'{"width": 1, "height": 1, "phash": "0", "pictures": [[1, 1, 4]]}\\nRIFF\')',
        "print('{\"pictures\": [[1, 1, -1]]}')",
    ],
)
def test_a_fault_of_the_machine_is_worth_another_try(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    _replace_child(monkeypatch, program)
    with pytest.raises(PhotoWorkerFailed):
        variants_of(encoded(street()))


def test_a_decoder_that_hangs_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "CHILD_WALL_SECONDS", 0.5)
    _replace_child(monkeypatch, "import time; time.sleep(60)")
    with pytest.raises(PhotoWorkerFailed):
        variants_of(encoded(street()))


def test_the_decoder_learns_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FMQ_SECRET_KEY", "s3cret")
    _replace_child(monkeypatch, "import os, signal; os.kill(os.getpid(), 'FMQ_SECRET_KEY' in os.environ and 9 or 11)")
    assert refusal(encoded(street())) == Refusal.UNREADABLE


LIMITED = "from reports.photos.child import _limit_ourselves as limit; limit();"


def test_the_decoder_cannot_fill_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    _replace_child(monkeypatch, LIMITED + "import os; [os.write(1, bytes(9_000_000)) for _ in range(3)]")
    with pytest.raises(PhotoWorkerFailed, match="status 1"):
        variants_of(encoded(street()))


def test_the_decoder_cannot_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    greedy = '\ntry:\n bytearray(380 * 1024 * 1024)\nexcept MemoryError:\n print(\'{"refused": "too_heavy"}\')'
    _replace_child(monkeypatch, LIMITED + greedy)
    assert refusal(encoded(street())) == Refusal.TOO_HEAVY
