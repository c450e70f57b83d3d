"""The days on which a country does not work, as a published table proposes them; a town decides which it keeps."""

from collections.abc import Mapping
from datetime import date

import holidays
from django.db import transaction

from reports.models import Holiday, Town

LANGUAGE = "fr"
# What the table knows of some countries in English only.
IN_FRENCH = {
    "New Year's Day": "Jour de l’an",
    "Youth Day": "Fête de la jeunesse",
    "Good Friday": "Vendredi saint",
    "Easter Monday": "Lundi de Pâques",
    "Labour Day": "Fête du travail",
    "Labor Day": "Fête du travail",
    "Workers' Day": "Fête du travail",
    "National Day": "Fête nationale",
    "Independence Day": "Fête de l’indépendance",
    "Ascension Day": "Ascension",
    "Assumption Day": "Assomption",
    "All Saints' Day": "Toussaint",
    "Christmas Day": "Noël",
    "Boxing Day": "Lendemain de Noël",
    "Eid al-Fitr": "Fête de fin du ramadan",
    "Eid al-Adha": "Fête du mouton",
    "Mawlid": "Naissance du Prophète",
}
NOTES = {"(observed)": "(reporté)", "(estimated)": "(estimé)", "(observed, estimated)": "(reporté, estimé)"}


def known_holidays(*, country: str, year: int) -> dict[date, str]:
    """Return a country's days off in a year, by its ISO code; in French where the table has it, else as it has it.

    Days that follow the moon are marked as estimated: the authorities announce them.
    """
    found = holidays.country_holidays(country, years=year, language=LANGUAGE)
    return {day: in_french(str(name)) for day, name in sorted(found.items()) if day.year == year}


def in_french(name: str) -> str:
    """Return a day's name in French as far as it is known, with its note: `Noël (reporté)`."""
    days = []
    for one in name.split("; "):
        bare, bracket, rest = one.partition(" (")
        note = f"({rest}" if bracket else ""
        days.append(f"{IN_FRENCH.get(bare, bare)} {NOTES.get(note, note)}".strip())
    return ", ".join(days)


@transaction.atomic
def add_holidays(*, town: Town, days: Mapping[date, str]) -> int:
    """Add days off to a town, each with its name; return how many were new."""
    there = set(Holiday.objects.filter(town=town, day__in=days).values_list("day", flat=True))
    new = [Holiday(town=town, day=day, name=name) for day, name in days.items() if day not in there]
    # Somebody else may add the same day at this moment.
    Holiday.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)
