"""What a boundary file must be before GDAL may open it.

GDAL recognises some eighty formats by content, and a few of them fetch other files or addresses. So the file's first
bytes decide whether it is one of the three that are read, and GeoJSON is parsed once here: for exact error messages,
and because GDAL follows a `crs` link to wherever it points.
"""

import json
from glob import escape
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

# GDAL's name of each driver that is accepted, and how people call its format.
DRIVERS = {"GeoJSON": "GeoJSON", "GPKG": "GeoPackage", "ESRI Shapefile": "Shapefile"}
MAX_MEBIBYTES = 200
SHAPEFILE_MAGIC = b"\x00\x00\x27\x0a"
SQLITE_MAGIC = b"SQLite format 3\x00"
SHAPEFILE_PARTS = (".shx", ".dbf")


class BoundaryError(Exception):
    """A file that cannot be loaded; `problems` are whole sentences, at least one."""

    def __init__(self, problems: list[str]) -> None:
        """Keep every problem: whoever repairs the file wants them all at once."""
        super().__init__("\n".join(problems))
        self.problems = problems


def check_file(path: Path) -> str:
    """Return the format's name, or raise `BoundaryError`: absent, empty, too large, of another format, incomplete."""
    values = {"file": path.name, "limit": MAX_MEBIBYTES}
    if not path.is_file():
        raise BoundaryError([_("« %(file)s » n’existe pas ou n’est pas un fichier.") % values])
    try:
        with path.open("rb") as stream:
            head = stream.read(1024)
    except OSError as error:
        raise BoundaryError([_("« %(file)s » ne peut pas être ouvert : vérifiez ses droits.") % values]) from error
    if not head:
        raise BoundaryError([_("« %(file)s » est vide.") % values])
    if path.stat().st_size > MAX_MEBIBYTES * 1024 * 1024:
        raise BoundaryError([_("« %(file)s » dépasse %(limit)d Mio : simplifiez les contours d’abord.") % values])
    if head.startswith(SHAPEFILE_MAGIC):
        check_shapefile(path)
        return "Shapefile"
    if head.startswith(SQLITE_MAGIC):
        return "GeoPackage"
    if head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in {b"{", b"["}:
        check_geojson(path)
        return "GeoJSON"
    message = _(
        "« %(file)s » n’est ni du GeoJSON, ni un GeoPackage, ni un Shapefile (donnez le fichier .shp décompressé)."
    )
    raise BoundaryError([message % values])


def check_shapefile(path: Path) -> None:
    """Refuse a Shapefile without its companions; the projection is never guessed."""
    present = {sibling.suffix.lower() for sibling in path.parent.glob(f"{escape(path.stem)}.*")}
    missing = [part for part in SHAPEFILE_PARTS if part not in present]
    if missing:
        message = _("Il manque à côté de « %(file)s » : %(parts)s. Copiez tous les fichiers du Shapefile ensemble.")
        raise BoundaryError([message % {"file": path.name, "parts": ", ".join(missing)}])
    if ".prj" not in present:
        message = _(
            "Le Shapefile « %(file)s » n’a pas de fichier .prj, sa projection est donc inconnue. Demandez le .prj à "
            "qui l’a produit, ou convertissez-le : ogr2ogr -a_srs EPSG:… sortie.gpkg %(file)s"
        )
        raise BoundaryError([message % {"file": path.name}])


def refuse_constant(constant: str) -> float:
    """Refuse NaN and Infinity, which Python's parser takes and JSON does not know."""
    message = f"{constant} is no JSON number"
    raise ValueError(message)


def refuse_foreign_crs(member: dict[str, Any]) -> dict[str, Any]:
    """Refuse a projection given by an address, at any depth: GDAL would fetch it."""
    crs = member.get("crs")
    if crs is not None and (not isinstance(crs, dict) or crs.get("type") not in ("name", "EPSG")):
        raise BoundaryError([_("La projection (« crs ») du fichier n’est pas un nom : convertissez-le en EPSG:4326.")])
    return member


def check_geojson(path: Path) -> None:
    """Refuse what is not JSON, not a feature collection, or points elsewhere for its projection."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        document = json.loads(text, parse_constant=refuse_constant, object_hook=refuse_foreign_crs)
    except json.JSONDecodeError as error:
        message = _("« %(file)s » n’est pas du JSON valable (ligne %(line)d, colonne %(column)d).")
        raise BoundaryError([message % {"file": path.name, "line": error.lineno, "column": error.colno}]) from error
    except UnicodeDecodeError as error:
        raise BoundaryError([_("« %(file)s » n’est pas écrit en UTF-8.") % {"file": path.name}]) from error
    except (ValueError, RecursionError) as error:
        message = _("« %(file)s » contient un nombre impossible (NaN, infini) ou une structure trop profonde.")
        raise BoundaryError([message % {"file": path.name}]) from error
    problem = geojson_problem(document)
    if problem:
        raise BoundaryError([problem])


def geojson_problem(document: object) -> str:
    """Return what keeps a parsed document from being a collection of features, or an empty text."""
    if not isinstance(document, dict) or document.get("type") not in ("FeatureCollection", "Feature"):
        return _("Le fichier n’est pas une collection d’objets GeoJSON (FeatureCollection).")
    features = document.get("features") if document["type"] == "FeatureCollection" else [document]
    if not isinstance(features, list):
        return _("La liste « features » du fichier manque ou n’est pas une liste.")
    problems = ((number, feature_problem(feature)) for number, feature in enumerate(features, start=1))
    return next(
        (
            _("Objet %(number)d : %(problem)s") % {"number": number, "problem": problem}
            for number, problem in problems
            if problem
        ),
        "",
    )


def feature_problem(feature: object) -> str:
    """Return what keeps a member of the list from being a feature, or an empty text."""
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        return _("ce n’est pas un objet GeoJSON (« type » : « Feature »).")
    if not isinstance(feature.get("geometry"), dict | None):
        return _("sa géométrie n’est pas un objet GeoJSON.")
    if not isinstance(feature.get("properties"), dict | None):
        return _("ses propriétés ne sont pas un objet JSON.")
    return ""
