"""Files of rows, read back by other programs than ours."""

import csv
import io
import json
import zipfile
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest

from moderation.sheets import Row, defused, write_csv, write_geojson, write_xlsx

HEADERS = ["ref", "lon", "lat", "words", "at"]
MOMENT = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
ROWS: list[Row] = [
    ["K7M-4QX", 11.5, 3.86, "Trou, « profond »\nsur deux lignes", MOMENT],
    ["K7M-4QY", 11.6, 3.87, '=HYPERLINK("http://evil.example")', None],
]
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "\n=1"])
def test_text_that_begins_like_a_formula_is_marked_as_text(text: str) -> None:
    assert defused(text) == f"'{text}"


@pytest.mark.parametrize("cell", ["Rue 1.234", "", "’=", 5, -5.5, None])
def test_other_cells_stay(cell: object) -> None:
    assert defused(cell) == cell  # type: ignore[arg-type]


def test_csv_is_read_back() -> None:
    target = io.BytesIO()
    write_csv(target, HEADERS, ROWS)
    assert target.getvalue().startswith(b"\xef\xbb\xbf")
    read = list(csv.reader(io.StringIO(target.getvalue().decode("utf-8-sig"), newline="")))
    assert read[0] == HEADERS
    assert read[1] == ["K7M-4QX", "11.5", "3.86", ROWS[0][3], "2026-11-21T08:30:00+00:00"]
    assert read[2][3:] == ['\'=HYPERLINK("http://evil.example")', ""]


def test_workbook_holds_texts_dates_and_no_formula() -> None:
    target = io.BytesIO()
    write_xlsx(target, HEADERS, ROWS)
    with zipfile.ZipFile(target) as book:
        sheet = ET.fromstring(book.read("xl/worksheets/sheet1.xml"))  # noqa: S314  (we wrote it)
    cells = {cell.get("r"): cell for cell in sheet.iter(f"{SHEET}c")}
    assert list(sheet.iter(f"{SHEET}f")) == []
    assert "".join(cells["D3"].itertext()) == '=HYPERLINK("http://evil.example")'
    assert "".join(cells["B2"].itertext()) == "11.5"
    assert float("".join(cells["E2"].itertext())) == pytest.approx(46347.354167, abs=1e-5)


def test_geojson_has_points() -> None:
    target = io.BytesIO()
    write_geojson(target, HEADERS, ROWS)
    read = json.loads(target.getvalue())
    assert [feature["geometry"]["coordinates"] for feature in read["features"]] == [[11.5, 3.86], [11.6, 3.87]]
    assert read["features"][0]["properties"] == {
        "ref": "K7M-4QX",
        "words": ROWS[0][3],
        "at": "2026-11-21T08:30:00+00:00",
    }


def test_geojson_of_nothing_is_a_collection() -> None:
    target = io.BytesIO()
    write_geojson(target, HEADERS, [])
    assert json.loads(target.getvalue()) == {"type": "FeatureCollection", "features": []}
