"""Reading the boundaries of quarters from a file, through GDAL.

GeoJSON, GeoPackage and Shapefile in any projection become two-dimensional, valid multipolygons in WGS 84 (longitude,
latitude). What can be repaired is repaired and said, feature by feature; what cannot be is refused, all of it at once,
with a sentence that names the feature and what to do. The file comes from outside and is taken as hostile.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from django.contrib.gis.gdal import AxisOrder, CoordTransform, DataSource, GDALException, OGRGeometry, SpatialReference
from django.contrib.gis.gdal.feature import Feature
from django.contrib.gis.gdal.layer import Layer
from django.contrib.gis.geos import GEOSException, GEOSGeometry, MultiPolygon, Polygon
from django.utils.text import slugify
from django.utils.translation import gettext as _

from reports.boundary_files import DRIVERS, BoundaryError, check_file

WGS84 = 4326
# The edges of the globe in degrees.
EAST, NORTH = 180, 90
MAX_FEATURES = 20_000
MAX_NAME = 120
MAX_SLUG = 80
# Square degrees: about one square metre at the equator. Anything smaller is a line that was meant to be an area.
SMALLEST_AREA = 1e-10
# Neighbours digitised apart overlap by slivers; less than this share of the smaller one is not worth a word.
OVERLAP_WORTH_SAYING = 0.001
# Letters of Cameroon's and Côte d'Ivoire's languages that Unicode does not decompose into a Latin letter.
PLAIN_LETTERS = str.maketrans(dict(zip("ɓɗɔɛŋəɨʉƙøłđıØŁĐƁƊƆƐŊƏ", "bdoeneiukoldiOLDBDOENE", strict=True)))
POLYGON_TYPES = {"Polygon", "MultiPolygon", "GeometryCollection"}


@dataclass(frozen=True, slots=True)
class QuarterShape:
    """One quarter of the file: `number` counts features from 1, `boundary` is valid and in WGS 84."""

    number: int
    slug: str
    name: str
    boundary: MultiPolygon
    repairs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two quarters that share ground; `share` is the part of the smaller one that lies in both (0 to 1)."""

    first: str
    second: str
    share: float


@dataclass(frozen=True, slots=True)
class BoundaryFile:
    """What a file holds: its quarters in file order, sentences about repairs, and overlaps, the largest first."""

    driver: str
    projection: str
    quarters: list[QuarterShape]
    notes: list[str] = field(default_factory=list)
    overlaps: list[Overlap] = field(default_factory=list)


class FeatureRefusedError(Exception):
    """One feature cannot become a quarter; the message completes the sentence that names it."""


def read_boundaries(path: Path, *, name_field: str, slug_field: str = "", layer_name: str = "") -> BoundaryFile:
    """Return the quarters of the file, or raise `BoundaryError` with one problem per feature that is refused."""
    driver = check_file(path)
    try:
        source = DataSource(path)
        if source.driver.name not in DRIVERS:
            raise BoundaryError(
                [_("GDAL ne reconnaît pas « %(file)s » comme un fichier de contours.") % {"file": path.name}]
            )
        layer = choose_layer(source, layer_name)
        check_fields(layer, [name for name in (name_field, slug_field) if name])
        transform, projection = to_wgs84(layer)
        shapes, problems = read_features(layer, name_field, slug_field, transform)
    except GDALException as error:
        raise BoundaryError(
            [_("« %(file)s » ne peut pas être lu : le fichier est abîmé ou incomplet.") % {"file": path.name}]
        ) from error
    quarters, merge_notes, merge_problems = merge_by_slug(shapes)
    if problems or merge_problems:
        raise BoundaryError([*problems, *merge_problems])
    notes = [label(shape.number, shape.name) + " : " + repair for shape in shapes for repair in shape.repairs]
    return BoundaryFile(driver, projection, quarters, [*notes, *merge_notes], find_overlaps(quarters))


def label(number: int, name: str) -> str:
    """Return how messages name a feature: by its place in the file and, where it has one, its name."""
    if name:
        return _("Objet %(number)d « %(name)s »") % {"number": number, "name": name}
    return _("Objet %(number)d") % {"number": number}


# --- The layer --------------------------------------------------------------------------------------------------------


def choose_layer(source: DataSource, wanted: str) -> Layer:
    """Return the wanted layer, or the only one; several layers without a choice are refused."""
    layers: list[Layer] = [source[index] for index in range(source.layer_count)]
    names = [layer.name for layer in layers]
    if wanted:
        if wanted not in names:
            message = _("Le fichier n’a pas de couche « %(layer)s ». Ses couches : %(layers)s.")
            raise BoundaryError([message % {"layer": wanted, "layers": ", ".join(names) or "–"}])
        layers = [layers[names.index(wanted)]]
    if len(layers) > 1:
        message = _("Le fichier a plusieurs couches (%(layers)s) : choisissez-en une avec --layer.")
        raise BoundaryError([message % {"layers": ", ".join(names)}])
    if not layers or not len(layers[0]):
        raise BoundaryError([_("Le fichier ne contient aucun objet : il n’y a rien à charger.")])
    if len(layers[0]) > MAX_FEATURES:
        message = _("Le fichier contient %(count)d objets ; une ville en a %(limit)d au plus.")
        raise BoundaryError([message % {"count": len(layers[0]), "limit": MAX_FEATURES}])
    return layers[0]


def check_fields(layer: Layer, wanted: list[str]) -> None:
    """Refuse a field that the layer does not have, and name those that it has."""
    for name in wanted:
        if name not in layer.fields:
            message = _("Le fichier n’a pas de champ « %(field)s ». Ses champs : %(fields)s.")
            raise BoundaryError([message % {"field": name, "fields": ", ".join(layer.fields) or "–"}])


def to_wgs84(layer: Layer) -> tuple[CoordTransform | None, str]:
    """Return the transformation into WGS 84 (None where nothing is to be done) and the projection's name.

    Both systems are put in longitude-latitude order: since GDAL 3, EPSG:4326 by itself means latitude first.
    """
    if layer.srs is None:
        raise BoundaryError([
            _("La projection du fichier n’est pas indiquée : ajoutez-la (« ogr2ogr -a_srs EPSG:… ») puis recommencez."),
        ])  # fmt: skip
    source = SpatialReference(layer.srs.wkt, srs_type="wkt", axis_order=AxisOrder.TRADITIONAL)
    target = SpatialReference(WGS84, axis_order=AxisOrder.TRADITIONAL)
    if source.local:
        raise BoundaryError([_("La projection du fichier est locale : convertissez-le d’abord en EPSG:4326.")])
    name = str(source.name)
    if source.geographic and name in {"WGS 84", "WGS 84 (CRS84)"}:
        return None, name
    return CoordTransform(source, target), name


# --- One feature ------------------------------------------------------------------------------------------------------


def read_features(
    layer: Layer, name_field: str, slug_field: str, transform: CoordTransform | None
) -> tuple[list[QuarterShape], list[str]]:
    """Return every feature that can be read, and a sentence for each that cannot."""
    shapes: list[QuarterShape] = []
    problems: list[str] = []
    for number, feature in enumerate(layer, start=1):
        name = ""
        try:
            text, guessed = text_of(feature, name_field)
            name = clean_name(text)
            shape = read_feature(feature, number, name, slug_field, transform)
            note = [_("nom lu en Windows-1252, faute d’encodage indiqué")] if guessed else []
            shapes.append(replace(shape, repairs=(*note, *shape.repairs)))
        except FeatureRefusedError as error:
            problems.append(f"{label(number, name)} : {error}")
    return shapes, problems


def read_feature(
    feature: Feature, number: int, name: str, slug_field: str, transform: CoordTransform | None
) -> QuarterShape:
    """Return one feature as a quarter, or raise `FeatureRefusedError`."""
    if not name:
        raise FeatureRefusedError(_("son nom est vide."))
    if len(name) > MAX_NAME:
        raise FeatureRefusedError(_("son nom dépasse %(limit)d caractères.") % {"limit": MAX_NAME})
    slug = make_slug(clean_name(text_of(feature, slug_field)[0]) if slug_field else name)
    if not slug:
        raise FeatureRefusedError(_("son nom n’a aucune lettre latine : donnez ses adresses avec --slug-field."))
    try:
        geometry = feature.geom
    except GDALException as error:
        raise FeatureRefusedError(_("sa géométrie est absente ou illisible.")) from error
    try:
        boundary, repairs = read_geometry(geometry, transform)
    except (GDALException, GEOSException) as error:
        raise FeatureRefusedError(
            _("sa géométrie ne forme pas une surface, ou ne peut pas être reprojetée.")
        ) from error
    return QuarterShape(number, slug, name, boundary, tuple(repairs))


def text_of(feature: Feature, field_name: str) -> tuple[str, bool]:
    """Return the field as text, and whether its encoding had to be guessed.

    Whole numbers have no decimal point; nothing is an empty text.
    """
    try:
        value = feature.get(field_name)
    except UnicodeDecodeError as error:
        # Shapefiles of before UTF-8 name no encoding; in French-speaking offices it is this one.
        return error.object.decode("cp1252", errors="replace"), True
    except GDALException as error:
        raise FeatureRefusedError(_("son champ « %(field)s » est illisible.") % {"field": field_name}) from error
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return ("" if value is None else str(value)), False


def clean_name(name: str) -> str:
    """Return the name without control characters and with single spaces."""
    spaced = " ".join(unicodedata.normalize("NFC", name).split())
    return "".join(letter for letter in spaced if unicodedata.category(letter) not in {"Cc", "Cf", "Cs"})


def make_slug(name: str) -> str:
    """Return the name as it stands in an address.

    >>> make_slug("Ɓonabéri Œuvre")
    'bonaberi-oeuvre'
    """
    latin = name.translate(PLAIN_LETTERS).replace("œ", "oe").replace("Œ", "Oe").replace("æ", "ae").replace("ß", "ss")
    return slugify(latin)[:MAX_SLUG].strip("-")


def read_geometry(geometry: OGRGeometry, transform: CoordTransform | None) -> tuple[MultiPolygon, list[str]]:
    """Return the valid multipolygon of a geometry in WGS 84, and what was done to it."""
    repairs: list[str] = []
    if geometry.has_curve:
        geometry = geometry.get_linear_geometry()
        repairs.append(_("arcs remplacés par des segments"))
    if geometry.geom_type.name.removesuffix("25D") not in POLYGON_TYPES:
        raise FeatureRefusedError(
            _("c’est un objet de type %(type)s ; un quartier est une surface.") % {"type": geometry.geom_type.name}
        )
    if geometry.is_3d or geometry.is_measured:
        geometry.set_3d(value=False)
        geometry.set_measured(value=False)
        repairs.append(_("altitudes retirées"))
    if geometry.empty:
        raise FeatureRefusedError(_("sa géométrie est vide."))
    before = geometry.point_count
    geometry.close_rings()
    if geometry.point_count != before:
        repairs.append(_("contour refermé"))
    if transform is not None:
        geometry.transform(transform)
    shape = GEOSGeometry(memoryview(geometry.wkb), srid=WGS84)
    check_range(shape)
    boundary, more = make_valid(shape)
    return boundary, [*repairs, *more]


def check_range(shape: GEOSGeometry) -> None:
    """Refuse coordinates outside the globe, and say so when they look swapped."""
    areas = [part for part in leaves(shape) if isinstance(part, Polygon)]
    points = [(position[0], position[1]) for area in areas for ring in area.coords for position in ring]
    # Written so that a NaN, which compares false with everything, is refused as well.
    if all(abs(x) <= EAST and abs(y) <= NORTH for x, y in points):
        return
    if all(abs(x) <= NORTH and abs(y) <= EAST for x, y in points):
        raise FeatureRefusedError(
            _("longitude et latitude semblent inversées : écrivez la longitude d’abord, puis la latitude.")
        )
    raise FeatureRefusedError(
        _("ses coordonnées sortent du globe : la projection du fichier est mal indiquée ou une valeur est fausse.")
    )


def make_valid(shape: GEOSGeometry) -> tuple[MultiPolygon, list[str]]:
    """Return the polygons of a shape, each made valid and together too; a shape without area is refused."""
    parts = list(leaves(shape))
    areas = [part for part in parts if isinstance(part, Polygon)]
    repairs = [_("points et lignes retirés, surfaces gardées")] if len(areas) < len(parts) else []
    kept: list[Polygon] = []
    for area in areas:
        if not area.valid:
            repairs.append(_("contour invalide réparé (%(reason)s)") % {"reason": area.valid_reason})
        pieces = [piece for piece in leaves(area.make_valid()) if isinstance(piece, Polygon)]
        kept += [piece for piece in pieces if piece.area >= SMALLEST_AREA]
    if not kept:
        raise FeatureRefusedError(_("il ne reste aucune surface après réparation."))
    boundary = MultiPolygon(kept, srid=WGS84)
    if not boundary.valid:
        # Repairing such parts as one shape would cut a hole where they cover each other.
        repairs.append(_("parties superposées réunies"))
        boundary = as_multipolygon(boundary.unary_union)
    return boundary, repairs


def leaves(shape: GEOSGeometry) -> Iterator[GEOSGeometry]:
    """Yield the single geometries of a shape, collections of collections included."""
    if shape.geom_type in {"MultiPolygon", "MultiLineString", "MultiPoint", "GeometryCollection"}:
        for part in shape:  # type: ignore[attr-defined]
            yield from leaves(part)
    else:
        yield shape


def as_multipolygon(shape: GEOSGeometry) -> MultiPolygon:
    """Return the areas of a shape as one multipolygon in WGS 84."""
    return MultiPolygon([part for part in leaves(shape) if isinstance(part, Polygon)], srid=WGS84)


# --- All of them together ---------------------------------------------------------------------------------------------


def merge_by_slug(shapes: list[QuarterShape]) -> tuple[list[QuarterShape], list[str], list[str]]:
    """Return one quarter per slug, what was merged, and what cannot be.

    Two features of one name are two parts of one quarter, and are merged. Two different names under one slug are a
    mistake of the slug field that nobody can guess away, and are refused.
    """
    merged: dict[str, QuarterShape] = {}
    notes: list[str] = []
    problems: list[str] = []
    for shape in shapes:
        first = merged.setdefault(shape.slug, shape)
        if first is shape:
            continue
        if make_slug(first.name) != make_slug(shape.name):
            message = _("%(feature)s : a la même adresse « %(slug)s » que l’objet %(number)d « %(name)s ».")
            values = {"slug": shape.slug, "number": first.number, "name": first.name}
            problems.append(message % {"feature": label(shape.number, shape.name), **values})
            continue
        boundary = as_multipolygon(first.boundary.union(shape.boundary))
        merged[shape.slug] = replace(first, boundary=boundary)
        message = _("%(feature)s : réuni à l’objet %(number)d, qui porte le même nom")
        notes.append(message % {"feature": label(shape.number, shape.name), "number": first.number})
    return list(merged.values()), notes, problems


def find_overlaps(quarters: list[QuarterShape]) -> list[Overlap]:
    """Return the pairs that share more than a sliver, the largest share first.

    Quarters are swept from west to east, so that each is compared only with those that may touch it.
    """
    found: list[Overlap] = []
    active: list[tuple[float, QuarterShape]] = []
    for west, quarter in sorted(((shape.boundary.extent[0], shape) for shape in quarters), key=lambda pair: pair[0]):
        active = [(east, other) for east, other in active if east > west]
        for _east, other in active:
            share = shared_part(quarter.boundary, other.boundary)
            if share > OVERLAP_WORTH_SAYING:
                found.append(Overlap(other.name, quarter.name, share))
        active.append((quarter.boundary.extent[2], quarter))
    return sorted(found, key=lambda overlap: -overlap.share)


def shared_part(first: MultiPolygon, second: MultiPolygon) -> float:
    """Return the part of the smaller area that lies in both (0 to 1)."""
    _west, south, _east, north = first.extent
    if second.extent[1] > north or second.extent[3] < south:
        return 0.0
    return float(first.intersection(second).area / min(first.area, second.area))
