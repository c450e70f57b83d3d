"""Rows into files that people and programs open: CSV, Excel, GeoJSON. Pure; rows come and go one by one.

A cell that begins like a formula would be calculated by the program that opens it, with whatever a stranger typed:
texts are marked as texts.
"""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import IO, Any

import xlsxwriter

Cell = str | int | float | datetime | None
Row = Sequence[Cell]
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
# A workbook takes no more in one cell and on one sheet.
EXCEL_CELL = 32_767
EXCEL_ROWS = 1_048_575


def defused(cell: Cell) -> Cell:
    """Return a cell that no spreadsheet takes for a formula."""
    if isinstance(cell, str) and cell.lstrip(" ").startswith(FORMULA_STARTS):
        return f"'{cell}"
    return cell


def plain(cell: Cell) -> str | int | float:
    """Return a cell as CSV and GeoJSON write it: moments by ISO 8601, nothing as an empty text."""
    if isinstance(cell, datetime):
        return cell.isoformat(timespec="seconds")
    return "" if cell is None else cell


def write_csv(target: IO[bytes], headers: Sequence[str], rows: Iterable[Row]) -> None:
    """Write UTF-8 with the mark by which Excel knows it, separated by commas."""
    text = io.TextIOWrapper(target, encoding="utf-8-sig", newline="")
    writer = csv.writer(text)
    writer.writerow(headers)
    for row in rows:
        writer.writerow([plain(defused(cell)) for cell in row])
    text.flush()
    text.detach()


def write_xlsx(target: IO[bytes], headers: Sequence[str], rows: Iterable[Row]) -> None:
    """Write one sheet, a row at a time; moments are dates of Excel, in UTC."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "remove_timezone": True}
    book = xlsxwriter.Workbook(target, options)
    sheet = book.add_worksheet()
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    sheet.write_row(0, 0, headers, book.add_format({"bold": True}))
    sheet.freeze_panes(1, 0)
    for number, row in enumerate(rows, start=1):
        if number > EXCEL_ROWS:
            break
        for column, cell in enumerate(row):
            if isinstance(cell, datetime):
                sheet.write_datetime(number, column, cell, moment)
            elif isinstance(cell, str):
                sheet.write_string(number, column, cell[:EXCEL_CELL])
            elif cell is not None:
                sheet.write_number(number, column, cell)
    book.close()


def write_geojson(target: IO[bytes], headers: Sequence[str], rows: Iterable[Row]) -> None:
    """Write a FeatureCollection (RFC 7946); the columns `lon` and `lat` become the point."""
    lon, lat = headers.index("lon"), headers.index("lat")
    target.write(b'{"type": "FeatureCollection", "features": [')
    for number, row in enumerate(rows):
        properties: dict[str, Any] = {
            name: plain(cell)
            for column, (name, cell) in enumerate(zip(headers, row, strict=True))
            if column not in {lon, lat}
        }
        point = {"type": "Point", "coordinates": [row[lon], row[lat]]}
        feature = {"type": "Feature", "geometry": point, "properties": properties}
        target.write(b",\n" if number else b"\n")
        target.write(json.dumps(feature, ensure_ascii=False).encode())
    target.write(b"\n]}\n")


WRITERS = {"csv": write_csv, "xlsx": write_xlsx, "geojson": write_geojson}
