"""What becomes of a photo's pixels."""

import struct
from io import BytesIO
from typing import Any

import pytest
from PIL import Image, ImageCms, ImageStat

from reports.photos import PhotoRefused, Refusal, Variants, make_variants
from tests.reports.photo_samples import FORMATS, YAOUNDE, display_p3, encoded, exif, made_here, png, street, webp_chunks


def refusal(data: bytes) -> Refusal:
    with pytest.raises(PhotoRefused) as refused:
        made_here(data)
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
    variants = make_variants(BytesIO(encoded(street(2000, 1500), kind)))
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
    variants = made_here(encoded(street(*size)))
    assert list(variants.files) == expected
    assert (variants.width, variants.height) == size


@pytest.mark.parametrize("kind", FORMATS)
def test_make_variants_carry_nothing_but_pixels(kind: str) -> None:
    block = exif(orientation=6, gps=YAOUNDE, taken="2026:03:05 07:08:09")
    marks: dict[str, Any] = {"exif": block, "icc_profile": display_p3()}
    if kind != "PNG":
        marks["xmp"] = b"<x:xmpmeta>secret</x:xmpmeta>"
    variants = make_variants(BytesIO(encoded(street(1000, 700), kind, **marks)))
    for data in variants.files.values():
        assert webp_chunks(data) in ([b"VP8 "], [b"VP8L"])
        assert len(data) == 8 + struct.unpack("<I", data[4:8])[0]


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
    variants = made_here(encoded(stored, kind, exif=exif(orientation=orientation)))
    assert (variants.width, variants.height) == (400, 320)
    image = opened(variants)
    assert image.size == (320, 256)
    found = [colour(image, x, y) for y in (0.1, 0.9) for x in (0.1, 0.9)]
    expected = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)]
    assert found == [pytest.approx(paint, abs=12) for paint in expected]


def test_make_variants_of_heic_turned_by_its_box() -> None:
    stored = street(600, 400).transpose(Image.Transpose.ROTATE_90)
    image = opened(made_here(encoded(stored, "HEIC", exif=exif(orientation=6))))
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
    found = colour(opened(made_here(encoded(flat, kind, icc_profile=display_p3()))), 0.5, 0.5)
    assert found == pytest.approx(wanted, abs=5)


def test_make_variants_ignore_a_broken_profile() -> None:
    image = opened(made_here(encoded(street(), icc_profile=b"no profile at all")))
    assert colour(image, 0, 0)[0] > 230


@pytest.mark.parametrize("kind", ["PNG", "WebP", "HEIC"])
def test_make_variants_put_transparency_on_white(kind: str) -> None:
    image = Image.new("RGBA", (400, 300), (255, 0, 0, 0))
    image.paste((0, 0, 255, 255), (0, 0, 200, 300))
    made = opened(made_here(encoded(image, kind)))
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
    assert colour(opened(made_here(encoded(image, kind))), 0.5, 0.5) == pytest.approx((wanted,) * 3, abs=6)


def test_make_variants_of_png_of_16_bit_colours() -> None:
    scanlines = (b"\0" + struct.pack(">HHH", 0xC8C8, 0x6464, 0x3232) * 40) * 30
    assert colour(opened(made_here(png((40, 30, 16, 2, 0), scanlines))), 0.5, 0.5) == pytest.approx(
        (200, 100, 50), abs=6
    )


def test_make_variants_of_interlaced_png() -> None:
    passes = [(5, 5), (5, 5), (10, 5), (10, 10), (20, 10), (20, 20), (40, 20)]
    scanlines = b"".join((b"\0" + b"\xc8\x64\x32" * columns) * rows for columns, rows in passes)
    assert colour(opened(made_here(png((40, 40, 8, 2, 1), scanlines))), 0.5, 0.5) == pytest.approx(
        (200, 100, 50), abs=6
    )
    assert refusal(png((40, 40, 8, 2, 1), scanlines[:-500])) == Refusal.UNREADABLE


def test_make_variants_survive_broken_exif() -> None:
    scanlines = (b"\0" + b"\xc8\x64\x32" * 40) * 30
    broken = (b"eXIf", b"II*\0\xff\xff\xff\xff")
    assert list(made_here(png((40, 30, 8, 2, 0), scanlines, broken)).files) == [40]


@pytest.mark.parametrize("share", [0.0, 0.5, 0.98])
def test_png_with_missing_rows_is_refused(share: float) -> None:
    rows = [b"\0" + bytes([row] * 300) for row in range(100)]
    assert refusal(png((100, 100, 8, 2, 0), b"".join(rows[: int(share * 100)]))) == Refusal.UNREADABLE


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"restart_marker_rows": 1}, {"subsampling": 0}])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_jpeg_cut_and_closed_is_refused(options: dict[str, Any], share: float) -> None:
    noisy = Image.effect_noise((1400, 1000), 60).convert("RGB")
    data = encoded(noisy, quality=85, **options)
    start = data.index(b"\xff\xda")
    cut = data[: start + int((len(data) - start) * (0.05 if options.get("progressive") else share))]
    assert refusal(cut) == Refusal.TRUNCATED
    assert refusal(cut.rstrip(b"\xff") + b"\xff\xd9") == Refusal.TRUNCATED


def test_jpeg_with_a_harmless_warning_is_taken_whole_only() -> None:
    """Some Samsung phones write a scan header that libjpeg warns about."""
    data = bytearray(encoded(Image.effect_noise((700, 500), 60).convert("RGB")))
    scan = data.index(b"\xff\xda")
    data[scan + 2 + struct.unpack(">H", data[scan + 2 : scan + 4])[0] - 2] = 0  # its last coefficient, 63
    assert list(made_here(bytes(data)).files) == [320]
    assert refusal(bytes(data[:-2000])) == Refusal.TRUNCATED


def test_heic_cut_is_refused() -> None:
    data = encoded(Image.effect_noise((600, 400), 60).convert("RGB"), "HEIC")
    assert {refusal(data[: int(len(data) * share)]) for share in (0.5, 0.9, 0.99)} == {Refusal.TRUNCATED}


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"restart_marker_rows": 1}, {"subsampling": 0}])
@pytest.mark.parametrize("paint", ["#808080", "white", "#123456"])
def test_flat_jpeg_is_not_taken_for_a_cut_one(options: dict[str, Any], paint: str) -> None:
    flat = encoded(Image.new("RGB", (2000, 1500), paint), **options)
    assert list(made_here(flat + b"a film behind the picture").files) == [320, 960, 1600]


@pytest.mark.parametrize("lossless", [True, False])
def test_webp_cut_and_closed_is_refused(*, lossless: bool) -> None:
    data = encoded(Image.effect_noise((600, 400), 60).convert("RGB"), "WebP", lossless=lossless)
    length = len(data) // 4 * 2
    cut = b"RIFF" + struct.pack("<I", length + 12) + data[8:16] + struct.pack("<I", length) + data[20 : 20 + length]
    assert refusal(cut) == Refusal.UNREADABLE


def test_phash_finds_the_same_picture_again() -> None:
    one = made_here(encoded(street(2000, 1500), quality=95)).phash
    again = made_here(encoded(street(800, 600), "WebP", quality=40)).phash
    other = made_here(encoded(street(2000, 1500).transpose(Image.Transpose.ROTATE_180))).phash
    assert len(one) == 16
    assert (int(one, 16) ^ int(again, 16)).bit_count() <= 4
    assert (int(one, 16) ^ int(other, 16)).bit_count() >= 24
