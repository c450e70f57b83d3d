"""Small boundary files written by hand, so that the tests need neither ogr2ogr nor the shared data."""

import json
import sqlite3
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.contrib.gis.geos import Polygon

Ring = Sequence[tuple[float, float]]

WGS84_WKT = (
    'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],'
    'PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]]'
)


def square(west: float = 11.5, south: float = 3.8, side: float = 0.01) -> list[tuple[float, float]]:
    """Return the closed ring of a square in degrees; by default one in Yaoundé."""
    east, north = west + side, south + side
    return [(west, south), (west, north), (east, north), (east, south), (west, south)]


def polygon(ring: Ring) -> dict[str, Any]:
    """Return a GeoJSON polygon of one ring."""
    return {"type": "Polygon", "coordinates": [[list(position) for position in ring]]}


def feature(name: object, geometry: object, **properties: object) -> dict[str, Any]:
    """Return a GeoJSON feature whose field `name` holds the name."""
    return {"type": "Feature", "properties": {"name": name, **properties}, "geometry": geometry}


def geojson(folder: Path, *features: dict[str, Any], **members: object) -> Path:
    """Write a feature collection and return its path."""
    path = folder / "quarters.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", **members, "features": features}), encoding="utf-8")
    return path


def geopackage(
    folder: Path, rows: Sequence[tuple[str, Ring]], srid: int = 4326, layers: Sequence[str] = ("quarters",)
) -> Path:
    """Write a GeoPackage with the same rows in every layer and return its path."""
    path = folder / "quarters.gpkg"
    database = sqlite3.connect(path)
    database.executescript("""
        PRAGMA application_id = 1196444487; PRAGMA user_version = 10200;
        CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT, srs_id INTEGER PRIMARY KEY, organization TEXT,
            organization_coordsys_id INTEGER, definition TEXT, description TEXT);
        CREATE TABLE gpkg_contents (table_name TEXT PRIMARY KEY, data_type TEXT, identifier TEXT, description TEXT,
            last_change TEXT, min_x REAL, min_y REAL, max_x REAL, max_y REAL, srs_id INTEGER);
        CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT, geometry_type_name TEXT,
            srs_id INTEGER, z INTEGER, m INTEGER);
    """)
    organisation = "EPSG" if srid > 0 else "NONE"
    database.execute(
        "INSERT INTO gpkg_spatial_ref_sys VALUES ('x', ?, ?, ?, 'undefined', '')", (srid, organisation, srid)
    )
    for layer in layers:
        database.execute(f"CREATE TABLE {layer} (fid INTEGER PRIMARY KEY, geom POLYGON, name TEXT)")
        database.execute(
            "INSERT INTO gpkg_contents VALUES (?, 'features', ?, '', '', 0, 0, 1, 1, ?)", (layer, layer, srid)
        )
        database.execute("INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', 'POLYGON', ?, 0, 0)", (layer, srid))
        header = b"GP\x00\x01" + struct.pack("<i", srid)
        for name, ring in rows:
            blob = header + bytes(Polygon(list(ring)).wkb)
            database.execute(f"INSERT INTO {layer} (geom, name) VALUES (?, ?)", (blob, name))  # noqa: S608  (own names)
    database.commit()
    database.close()
    return path


def shapefile(folder: Path, name: str, ring: Ring, *, projection: str | None = WGS84_WKT) -> Path:
    """Write a Shapefile of one polygon (.shp .shx .dbf, and .prj unless None) and return its path."""
    xs, ys = zip(*ring, strict=True)
    box = struct.pack("<4d", min(xs), min(ys), max(xs), max(ys))
    content = struct.pack("<i", 5) + box + struct.pack("<iii", 1, len(ring), 0)
    content += b"".join(struct.pack("<2d", x, y) for x, y in ring)

    def header(words: int) -> bytes:
        return struct.pack(">i20xi", 9994, words) + struct.pack("<ii", 1000, 5) + box + struct.pack("<4d", 0, 0, 0, 0)

    words = len(content) // 2
    path = folder / "quarters.shp"
    path.write_bytes(header(54 + words) + struct.pack(">ii", 1, words) + content)
    path.with_suffix(".shx").write_bytes(header(54) + struct.pack(">ii", 50, words))
    column = struct.pack("<11sc4xBB14x", b"name", b"C", 40, 0)
    table = struct.pack("<B3xIHH20x", 3, 1, 32 + 32 + 1, 41) + column + b"\r"
    path.with_suffix(".dbf").write_bytes(table + b" " + name.encode("latin-1").ljust(40) + b"\x1a")
    if projection is not None:
        path.with_suffix(".prj").write_text(projection, encoding="ascii")
    return path
