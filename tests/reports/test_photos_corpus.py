"""Every file of the shared pictures gives variants or a clear refusal, and never anything else."""

import csv
import math
from collections import Counter
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

from reports.photos import PhotoFacts, PhotoRefused, Refusal, Variants, inspect
from reports.photos import variants as sizing
from tests.reports.photo_samples import IMAGES, made_here, needs_shared_images, webp_chunks

# Pillow warns about broken EXIF, which is nothing to us.
pytestmark = [needs_shared_images, pytest.mark.filterwarnings("ignore::UserWarning")]


@pytest.fixture(autouse=True)
def _smallest_variant_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file is decoded to its end for it, at a tenth of the time."""
    monkeypatch.setattr(sizing, "WIDTHS", (320,))


def facts_of(path: Path) -> PhotoFacts:
    with path.open("rb") as file:
        return inspect(file, path.stat().st_size)


def outcome(path: Path) -> str:
    """Take a photo the whole way, as the request and the worker's child do; nothing but a refusal may be raised."""
    try:
        facts = facts_of(path)
        variants = made_here(path.read_bytes())
    except PhotoRefused as refused:
        return refused.code
    assert (variants.width, variants.height) == facts.upright_size
    assert all(webp_chunks(data) in ([b"VP8 "], [b"VP8L"]) for data in variants.files.values())
    assert max(variants.files) <= variants.width
    return "accepted"


def folder(name: str) -> list[Path]:
    return sorted(path for path in (IMAGES / name).glob("*") if path.is_file())


def manifest() -> dict[str, dict[str, str]]:
    with (IMAGES / "manifest.csv").open(newline="") as file:
        return {row["file"]: row for row in csv.DictReader(file)}


@pytest.mark.parametrize("name", ["citizen_phone_photos", "gps", "orientation", "street_damage"])
def test_every_real_photo_is_accepted(name: str) -> None:
    outcomes = {path.name: outcome(path) for path in folder(name)}
    others = {"canon_README": Refusal.UNKNOWN_FORMAT, "labels.csv": Refusal.UNKNOWN_FORMAT}
    assert outcomes == {name: others.get(name, "accepted") for name in outcomes}


def test_every_malformed_file_has_an_answer() -> None:
    rows = manifest()
    outcomes = {path.name: outcome(path) for path in folder("malformed")}
    readable = {name for name in outcomes if rows.get(f"malformed/{name}", {}).get("pillow_decodes") == "1"}
    assert {outcomes[name] for name in readable} == {"accepted"}
    counts = Counter(outcomes.values())
    assert counts["accepted"] < len(outcomes) / 10


def test_every_bomb_is_refused_before_decoding() -> None:
    expected = {".gif": Refusal.UNKNOWN_FORMAT, ".ico": Refusal.UNKNOWN_FORMAT}
    for path in folder("bombs"):
        with pytest.raises(PhotoRefused) as refused:
            facts_of(path)
        assert refused.value.code == expected.get(path.suffix, Refusal.TOO_MANY_PIXELS)


def test_places_are_those_of_the_manifest() -> None:
    rows = {name: row for name, row in manifest().items() if row["gps_lat"]}
    for name, row in rows.items():
        wanted = (float(row["gps_lon"]), float(row["gps_lat"]))
        found = facts_of(IMAGES / name).taken_point
        if any(math.isnan(number) for number in wanted):
            assert found is None, name
        else:
            assert found == pytest.approx(wanted, abs=2e-6), name


def test_orientations_are_those_of_the_manifest() -> None:
    for name, row in manifest().items():
        if name.startswith("orientation/") and row["orientation"] not in {"", "0"}:
            assert facts_of(IMAGES / name).orientation == int(row["orientation"]), name


@pytest.mark.parametrize(
    "name", ["Landscape_{}.jpg", "Portrait_{}.jpg", "canon_landscape_{}.jpg", "canon_portrait_{}.jpg"]
)
def test_all_eight_orientations_show_the_same_picture(name: str) -> None:
    made = [made_here((IMAGES / "orientation" / name.format(number)).read_bytes()) for number in range(1, 9)]
    first = _smallest(made[0])
    for variants in made[1:]:
        assert (variants.width, variants.height) == (made[0].width, made[0].height)
        difference = ImageStat.Stat(ImageChops.difference(first, _smallest(variants)))
        assert max(difference.mean) < 12


def _smallest(variants: Variants) -> Image.Image:
    return Image.open(BytesIO(variants.files[320])).convert("RGB")


def test_phone_photos_know_when_and_where() -> None:
    for path in folder("citizen_phone_photos"):
        facts = facts_of(path)
        assert facts.taken_at is not None
        assert facts.taken_at.tzinfo is None  # iOS 10 wrote no offset
        assert facts.taken_at.year == 2017
        assert facts.taken_point == pytest.approx((-2.5, 51.4), abs=0.11)
