"""The demonstration town: Yaoundé with real quarter names, invented reports and pictures drawn by the project.

Everything here is made up except the names and positions of the quarters (data/yaounde_quarters.csv) and the
proportions of real municipal requests that shape the reports (data/proportions.json); both files name their sources.
"""

import json
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"


def read_json(name: str) -> dict[str, Any]:
    """Return one of the data files."""
    content: dict[str, Any] = json.loads((DATA / name).read_text(encoding="utf-8"))
    return content
