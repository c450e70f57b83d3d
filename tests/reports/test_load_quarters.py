"""Loading the quarters of a town: formats, projections, repairs, refusals, and running it again."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.gis.geos import MultiPolygon
from django.core.management import CommandError, call_command

from reports.boundaries import find_overlaps, make_slug, read_boundaries
from reports.boundary_files import BoundaryError
from reports.models import Quarter, Town
from reports.services.boundaries import load_quarters
from tests.reports.boundary_samples import feature, geojson, geopackage, polygon, shapefile, square

PLACES = Path(__file__).resolve().parents[3] / "shared" / "data" / "places"
needs_places = pytest.mark.skipif(not PLACES.is_dir(), reason="the shared data (../shared/data/places) is not here")

BOW_TIE = [(11.5, 3.8), (11.51, 3.81), (11.51, 3.8), (11.5, 3.81), (11.5, 3.8)]
# The default square in UTM zone 32N, rounded to the metre.
SQUARE_UTM = [(777_668, 420_422), (777_665, 421_528), (778_776, 421_532), (778_779, 420_425), (777_668, 420_422)]


def load(path: Path, **options: Any) -> str:
    """Run the command for Yaoundé and return what it printed."""
    out = StringIO()
    defaults = {"town": "yaounde", "town_name": "Yaoundé", "name_field": "name"}
    call_command("load_quarters", path, stdout=out, **{**defaults, **options})
    return out.getvalue()


def refusal(path: Path, **options: Any) -> list[str]:
    """Return the problems for which a file is refused."""
    with pytest.raises(BoundaryError) as caught:
        read_boundaries(path, **{"name_field": "name", **options})
    return caught.value.problems


# --- Formats and projections ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["geojson", "geopackage", "shapefile", "geopackage-utm"])
def test_read_boundaries_of_each_format(tmp_path: Path, kind: str) -> None:
    paths = {
        "geojson": lambda: geojson(tmp_path, feature("Étoa-Méki", polygon(square()))),
        "geopackage": lambda: geopackage(tmp_path, [("Étoa-Méki", square())]),
        "geopackage-utm": lambda: geopackage(tmp_path, [("Étoa-Méki", SQUARE_UTM)], srid=32632),
        "shapefile": lambda: shapefile(tmp_path, "Étoa-Méki", square()),
    }
    found = read_boundaries(paths[kind](), name_field="name")
    (quarter,) = found.quarters
    assert (quarter.number, quarter.slug, quarter.name) == (1, "etoa-meki", "Étoa-Méki")
    assert quarter.boundary.srid == 4326
    # 0.00002° is about two metres: the UTM corners are rounded.
    assert quarter.boundary.extent == pytest.approx((11.5, 3.8, 11.51, 3.81), abs=2e-5)


def test_read_boundaries_in_latitude_first_projection(tmp_path: Path) -> None:
    """EPSG:4326 means latitude first to GDAL 3; files hold longitude first all the same."""
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4326"}}
    found = read_boundaries(geojson(tmp_path, feature("Bastos", polygon(square())), crs=crs), name_field="name")
    assert found.quarters[0].boundary.extent == pytest.approx((11.5, 3.8, 11.51, 3.81))


def test_read_boundaries_of_shapefile_without_projection(tmp_path: Path) -> None:
    (problem,) = refusal(shapefile(tmp_path, "Bastos", square(), projection=None))
    assert "n’a pas de fichier .prj" in problem
    assert "ogr2ogr -a_srs" in problem


def test_read_boundaries_of_shapefile_with_broken_projection(tmp_path: Path) -> None:
    (problem,) = refusal(shapefile(tmp_path, "Bastos", square(), projection="what?"))
    assert "projection" in problem


@pytest.mark.parametrize("part", [".shx", ".dbf"])
def test_read_boundaries_of_incomplete_shapefile(tmp_path: Path, part: str) -> None:
    path = shapefile(tmp_path, "Bastos", square())
    path.with_suffix(part).unlink()
    (problem,) = refusal(path)
    assert part in problem


def test_read_boundaries_of_geopackage_without_projection(tmp_path: Path) -> None:
    (problem,) = refusal(geopackage(tmp_path, [("Bastos", square())], srid=-1))
    assert "projection" in problem


def test_read_boundaries_of_several_layers(tmp_path: Path) -> None:
    path = geopackage(tmp_path, [("Bastos", square())], layers=("quarters", "wards"))
    assert "--layer" in refusal(path)[0]
    assert "wards" in refusal(path, layer_name="streets")[0]
    assert len(read_boundaries(path, name_field="name", layer_name="wards").quarters) == 1


# --- Repairs ----------------------------------------------------------------------------------------------------------

SQUARE_3D = {"type": "Polygon", "coordinates": [[[x, y, 700] for x, y in square()]]}
WITH_A_POINT = {
    "type": "GeometryCollection",
    "geometries": [polygon(square()), {"type": "Point", "coordinates": [11.5, 3.8]}],
}
OVERLAPPING_PARTS = {
    "type": "MultiPolygon",
    "coordinates": [polygon(square())["coordinates"], polygon(square(west=11.505))["coordinates"]],
}


@pytest.mark.parametrize(
    ("geometry", "repair"),
    [
        (polygon(BOW_TIE), "contour invalide réparé"),
        (polygon(square()[:-1]), "contour refermé"),
        (SQUARE_3D, "altitudes retirées"),
        (WITH_A_POINT, "points et lignes retirés"),
        (OVERLAPPING_PARTS, "parties superposées réunies"),
    ],
)
def test_read_boundaries_repairs_and_says_so(tmp_path: Path, geometry: dict[str, Any], repair: str) -> None:
    found = read_boundaries(geojson(tmp_path, feature("Bastos", geometry)), name_field="name")
    (quarter,) = found.quarters
    assert isinstance(quarter.boundary, MultiPolygon)
    assert quarter.boundary.valid
    assert not quarter.boundary.hasz
    assert len(found.notes) == 1
    assert found.notes[0].startswith("Objet 1 «\u00a0Bastos\u00a0»")
    assert repair in found.notes[0]


def test_read_boundaries_of_valid_file_says_nothing(tmp_path: Path) -> None:
    assert read_boundaries(geojson(tmp_path, feature("Bastos", polygon(square()))), name_field="name").notes == []


def test_read_boundaries_merges_parts_of_one_quarter(tmp_path: Path) -> None:
    path = geojson(tmp_path, feature("Mvog-Ada", polygon(square())), feature("MVOG ADA", polygon(square(west=11.6))))
    found = read_boundaries(path, name_field="name")
    assert [(quarter.slug, len(quarter.boundary)) for quarter in found.quarters] == [("mvog-ada", 2)]
    assert found.notes == ["Objet 2 «\u00a0MVOG ADA\u00a0»\u00a0: réuni à l’objet 1, qui porte le même nom"]


def test_read_boundaries_with_one_slug_for_two_names(tmp_path: Path) -> None:
    features = [feature("Bastos", polygon(square()), id=7), feature("Essos", polygon(square(west=11.6)), id=7)]
    (problem,) = refusal(geojson(tmp_path, *features), slug_field="id")
    assert problem.startswith("Objet 2 «\u00a0Essos\u00a0»")
    assert "«\u00a07\u00a0»" in problem


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Ngoa-Ekellé", "ngoa-ekelle"),
        ("Ɓɔŋ Ɛtudi", "bon-etudi"),
        ("L’Œuvre", "loeuvre"),
        ("Simbock  2", "simbock-2"),
        ("山", ""),
    ],
)
def test_make_slug(name: str, slug: str) -> None:
    assert make_slug(name) == slug


def test_find_overlaps_reports_share_of_the_smaller(tmp_path: Path) -> None:
    path = geojson(
        tmp_path,
        feature("Grand", polygon(square(side=0.02))),
        feature("Petit", polygon(square(west=11.515, south=3.805))),
        feature("Voisin", polygon(square(west=11.525, south=3.805))),
    )
    (overlap,) = find_overlaps(read_boundaries(path, name_field="name").quarters)
    assert (overlap.first, overlap.second, round(overlap.share, 6)) == ("Grand", "Petit", 0.5)


def test_read_boundaries_of_shapefile_in_latin_1(tmp_path: Path) -> None:
    """Shapefiles of before UTF-8 name no encoding: the guess is said, because it may be wrong."""
    found = read_boundaries(shapefile(tmp_path, "Étoa-Méki", square()), name_field="name")
    assert found.quarters[0].name == "Étoa-Méki"
    assert found.notes == ["Objet 1 «\u00a0Étoa-Méki\u00a0»\u00a0: nom lu en Windows-1252, faute d’encodage indiqué"]


# --- Refusals ---------------------------------------------------------------------------------------------------------

LINE = {"type": "LineString", "coordinates": [[11.5, 3.8], [11.6, 3.9]]}


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (feature("Essos", None), "absente"),
        (feature("Essos", {"type": "Point", "coordinates": [11.5, 3.8]}), "type Point"),
        (feature("Essos", LINE), "type LineString"),
        (feature("", polygon(square())), "nom est vide"),
        (feature(None, polygon(square())), "nom est vide"),
        (feature(" \u202e\n", polygon(square())), "nom est vide"),
        (feature("山", polygon(square())), "--slug-field"),
        (feature("x" * 121, polygon(square())), "120"),
        (feature("Essos", polygon([(3.8, 111.5), (3.8, 111.6), (3.9, 111.6), (3.8, 111.5)])), "inversées"),
        (feature("Essos", polygon(SQUARE_UTM)), "globe"),
        (feature("Essos", polygon([(1e400, 3.8), *square()[1:]])), "nombre impossible"),
        (feature("Essos", {"type": "Polygon", "coordinates": []}), "illisible"),
        (feature("Essos", polygon([(11.5, 3.8), (11.6, 3.9), (11.5, 3.8)])), "surface"),
        (feature("Essos", polygon([(11.5, 3.8), (11.6, 3.9), (11.7, 4.0), (11.5, 3.8)])), "aucune surface"),
        (feature("Essos", polygon(square(side=1e-7))), "aucune surface"),
        (feature("Essos", {"type": "GeometryCollection", "geometries": [LINE]}), "aucune surface"),
        (feature("Essos", {"type": "Spiral", "coordinates": []}), "illisible"),
        (feature("Essos", "POLYGON"), "géométrie"),
        (feature("Essos", {**polygon(square()), "crs": {"type": "link", "properties": {"href": "http://x/"}}}), "crs"),
    ],
)
def test_read_boundaries_names_the_refused_feature(tmp_path: Path, bad: dict[str, Any], words: str) -> None:
    (problem,) = refusal(geojson(tmp_path, feature("Bastos", polygon(square(west=11.4))), bad))
    assert words in problem
    assert "Objet 2" in problem or "du fichier" in problem or "quarters.geojson" in problem


def test_read_boundaries_names_every_problem(tmp_path: Path) -> None:
    problems = refusal(
        geojson(tmp_path, feature("Bastos", None), feature("", polygon(square())), feature("Essos", LINE))
    )
    assert [problem.split("\u00a0:")[0] for problem in problems] == [
        "Objet 1 «\u00a0Bastos\u00a0»", "Objet 2", "Objet 3 «\u00a0Essos\u00a0»",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "est vide"),
        (b"{", "n’est pas du JSON valable (ligne 1, colonne 2)"),
        (b'{"type": "FeatureCollection", "features": [' * 100_000, "profonde"),
        (b"\xff\xfe{", "n’est ni du GeoJSON"),
        (b'{"name": "\xe9"}', "UTF-8"),
        (b"[1, 2]", "FeatureCollection"),
        (b'{"type": {}}', "FeatureCollection"),
        (b'{"type": "Topology", "objects": {}}', "FeatureCollection"),
        (b'{"type": "FeatureCollection"}', "features"),
        (b'{"type": "FeatureCollection", "features": []}', "aucun objet"),
        (b'{"type": "FeatureCollection", "features": [NaN]}', "NaN"),
        (b'{"type": "FeatureCollection", "features": [3]}', "Objet 1"),
        (b'{"type": "FeatureCollection", "features": [], "crs": {"type": "link", "properties": {}}}', "crs"),
        (b"<OGRVRTDataSource><OGRVRTLayer name='x'><SrcDataSource>/etc/passwd</SrcDataSource>", "n’est ni du GeoJSON"),
        (b"PK\x03\x04zip", "décompressé"),
        (b"SQLite format 3\x00" + b"\x00" * 2000, "abîmé"),
        (b"\x00\x00\x27\x0a" + b"\x00" * 96, ".shx"),
    ],
)  # fmt: skip
def test_read_boundaries_of_hostile_file(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "quarters.geojson"
    path.write_bytes(content)
    (problem,) = refusal(path)
    assert words in problem


def test_read_boundaries_of_absent_file(tmp_path: Path) -> None:
    assert "n’existe pas" in refusal(tmp_path / "nothing.geojson")[0]
    assert "n’existe pas" in refusal(tmp_path)[0]


def test_read_boundaries_without_the_field(tmp_path: Path) -> None:
    (problem,) = refusal(geojson(tmp_path, feature("Bastos", polygon(square()), zone=3)), name_field="nom")
    assert problem == "Le fichier n’a pas de champ «\u00a0nom\u00a0». Ses champs\u00a0: name, zone."


# --- Loading ----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_load_quarters_creates_town_and_quarters(tmp_path: Path) -> None:
    path = geojson(tmp_path, feature("Bastos", polygon(square())), feature("Essos", polygon(square(west=11.51))))
    printed = load(path, note="Mairie, 2024", approximate=True)
    town = Town.objects.get()
    assert (town.slug, town.name, town.boundary_note) == ("yaounde", "Yaoundé", "Mairie, 2024")
    assert town.boundary.extent == pytest.approx((11.5, 3.8, 11.52, 3.81))
    assert town.boundary.contains(town.centre)
    assert list(town.quarters.values_list("slug", "name", "approximate")) == [
        ("bastos", "Bastos", True),
        ("essos", "Essos", True),
    ]
    assert "2 créés, 0 modifiés, 0 inchangés" in printed


@pytest.mark.django_db
def test_load_quarters_again_changes_nothing(tmp_path: Path) -> None:
    path = geojson(tmp_path, feature("Bastos", polygon(square())))
    load(path)
    before = list(Quarter.objects.values_list("id", "name", "boundary")), Town.objects.values().get()
    assert "0 créés, 0 modifiés, 1 inchangés" in load(path)
    assert (list(Quarter.objects.values_list("id", "name", "boundary")), Town.objects.values().get()) == before


@pytest.mark.django_db
def test_load_quarters_updates_by_slug_and_keeps_the_missing(tmp_path: Path) -> None:
    load(geojson(tmp_path, feature("Bastos", polygon(square())), feature("Essos", polygon(square(west=11.51)))))
    before = Quarter.objects.get(slug="bastos").pk
    printed = load(geojson(tmp_path, feature("BASTOS", polygon(square(side=0.02)))), town_name="")
    bastos = Quarter.objects.get(slug="bastos")
    assert (bastos.pk, bastos.name) == (before, "BASTOS")
    assert bastos.boundary.extent == pytest.approx((11.5, 3.8, 11.52, 3.82))
    assert "0 créés, 1 modifiés, 0 inchangés" in printed
    assert "Absents du fichier et gardés tels quels\u00a0: Essos." in printed
    assert Town.objects.get().boundary.extent == pytest.approx((11.5, 3.8, 11.52, 3.82))
    assert Town.objects.get().name == "Yaoundé"


@pytest.mark.django_db
def test_load_quarters_writes_all_or_nothing(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"Objet 2 .+Essos"):
        load(geojson(tmp_path, feature("Bastos", polygon(square())), feature("Essos", None)))
    assert not Town.objects.exists()


@pytest.mark.django_db
def test_load_quarters_lists_all_problems(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="2 problèmes dans le fichier"):
        load(geojson(tmp_path, feature("Bastos", LINE), feature("Essos", None)))


@pytest.mark.django_db
def test_load_quarters_dry_run_writes_nothing(tmp_path: Path) -> None:
    printed = load(geojson(tmp_path, feature("Bastos", polygon(square()))), dry_run=True)
    assert "1 créés" in printed
    assert "rien n’a été écrit" in printed
    assert not Town.objects.exists()


@pytest.mark.django_db
def test_load_quarters_of_unknown_town_wants_its_name(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="donnez son nom"):
        load(geojson(tmp_path, feature("Bastos", polygon(square()))), town_name="")


@pytest.mark.django_db
@pytest.mark.parametrize("slug", ["", "Yaoundé", "a b"])
def test_load_quarters_with_impossible_town(tmp_path: Path, slug: str) -> None:
    with pytest.raises(CommandError, match="identifiant"):
        load(geojson(tmp_path, feature("Bastos", polygon(square()))), town=slug)


@pytest.mark.django_db
def test_load_quarters_with_swapped_coordinates(tmp_path: Path) -> None:
    """In Cameroon both orders lie on the globe: the known town tells them apart."""
    load(geojson(tmp_path, feature("Bastos", polygon(square()))))
    with pytest.raises(CommandError, match="longitude et latitude"):
        load(geojson(tmp_path, feature("Essos", polygon([(y, x) for x, y in square()]))))
    assert Quarter.objects.count() == 1


@pytest.mark.django_db
def test_load_quarters_says_what_overlaps(tmp_path: Path) -> None:
    path = geojson(tmp_path, feature("Bastos", polygon(square())), feature("Essos", polygon(square(west=11.505))))
    assert "«\u00a0Bastos\u00a0» et «\u00a0Essos\u00a0» se superposent (50.0\u00a0%" in load(path)


@pytest.mark.django_db
def test_load_quarters_without_features() -> None:
    with pytest.raises(Exception, match="aucun quartier"):
        load_quarters(town="yaounde", town_name="Yaoundé", features=[])


# --- The shared data --------------------------------------------------------------------------------------------------

PARIS = ["paris_80_quartiers.geojson", "paris_80_quartiers_lambert93.gpkg", "shp/paris_80_quartiers.shp"]


@needs_places
@pytest.mark.django_db
def test_load_quarters_of_paris_in_three_formats() -> None:
    printed = [load(PLACES / name, town="paris", town_name="Paris", name_field="l_qu") for name in PARIS]
    assert "80 créés" in printed[0]
    assert "0 créés, 0 modifiés, 80 inchangés" in printed[1]
    assert "0 créés, 0 modifiés, 80 inchangés" in printed[2]
    assert Quarter.objects.filter(town__slug="paris").count() == 80


@needs_places
def test_read_boundaries_of_paris_gives_the_same_80_everywhere() -> None:
    files = [read_boundaries(PLACES / name, name_field="l_qu") for name in PARIS]
    first, *others = ({quarter.slug: quarter.boundary for quarter in found.quarters} for found in files)
    assert len(first) == 80
    for other in others:
        assert set(other) == set(first)
        for slug, boundary in first.items():
            # 0.00001° is about one metre.
            assert boundary.buffer(1e-5).contains(other[slug])
            assert other[slug].buffer(1e-5).contains(boundary)


@needs_places
@pytest.mark.parametrize(("level", "count", "merged"), [(0, 1, 0), (1, 10, 0), (2, 58, 2)])
def test_read_boundaries_of_cameroon(level: int, count: int, merged: int) -> None:
    found = read_boundaries(PLACES / f"cmr_geoboundaries_adm{level}.geojson", name_field="shapeName")
    assert (len(found.quarters), len(found.notes)) == (count, merged)


def first_field(path: Path) -> str:
    """Return a field of the file, so that its geometries are reached; `name` where there is none."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        features = document.get("features", [document])
        return str(next(iter(features[0]["properties"])))
    except (ValueError, AttributeError, KeyError, TypeError, IndexError, StopIteration):
        return "name"


@needs_places
def test_read_boundaries_of_geojsonhint_cases() -> None:
    """Each of the 184 files is loaded or refused with sentences; anything else fails here."""
    outcomes = {"loaded": 0, "refused": 0}
    for path in sorted(path for path in (PLACES / "geojsonhint_cases").rglob("*") if path.is_file()):
        try:
            found = read_boundaries(path, name_field=first_field(path))
        except BoundaryError as error:
            outcomes["refused"] += bool(error.problems)
        else:
            assert all(quarter.boundary.valid for quarter in found.quarters)
            outcomes["loaded"] += 1
    assert sum(outcomes.values()) == 184
    assert outcomes == {"loaded": 0, "refused": 184}
