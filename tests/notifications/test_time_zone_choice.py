"""The list of time zones: what most people choose stands first, the rest under the name of its continent."""

import pytest
from pytest_django.fixtures import Settings

from notifications.forms import zone_choices


def groups(own: str = "Africa/Douala") -> dict[str, list[str]]:
    """Return the names of the zones in each group, in order."""
    return {str(label): [name for name, _place in zones] for label, zones in zone_choices(own)}


def test_zone_choice_begins_with_the_town_and_ones_own() -> None:
    found = groups("Europe/Paris")
    assert found["Près d’ici"] == ["Africa/Douala", "Europe/Paris"]
    assert list(found)[:3] == ["Près d’ici", "Afrique", "Amérique"]
    assert groups()["Près d’ici"] == ["Africa/Douala"]


def test_zone_choice_puts_the_towns_continent_before_the_others(settings: Settings) -> None:
    settings.TIME_ZONE = "Europe/Paris"
    assert list(groups())[:3] == ["Près d’ici", "Europe", "Afrique"]


@pytest.mark.parametrize("zone", ["UTC", "Canada/Eastern"])
def test_zone_choice_of_a_town_on_no_continent_lists_them_all(settings: Settings, zone: str) -> None:
    settings.TIME_ZONE = zone
    assert len(groups()) == 11


def test_zone_choice_leaves_out_old_names_and_keeps_ones_own() -> None:
    found = groups("Canada/Eastern")
    assert "Canada/Eastern" in found.pop("Près d’ici")
    assert not [name for names in found.values() for name in names if name.startswith("Canada/")]


def test_zone_choice_reads_like_places() -> None:
    places = dict(pair for _label, zones in zone_choices("") for pair in zones)
    assert places["America/Argentina/Buenos_Aires"] == "Argentina, Buenos Aires"
