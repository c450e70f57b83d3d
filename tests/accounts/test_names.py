"""Names that people show."""

import pytest
from django.core.exceptions import ValidationError

from accounts.names import check_name


@pytest.mark.parametrize(
    "name",
    [
        "Mairie de Yaoundé",
        "LA MAIRIE",
        "Équipe de modération",
        "Modératrice",
        "Administrateur",
        "Sapeurs-pompiers",
        "Town Hall",
        "M\u0061\u0301irie",
        "FixMyQuarter",
    ],
)
def test_name_of_an_office_is_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        check_name(name)


@pytest.mark.parametrize("name", ["", "Awa Ngo", "Mairead", "Une voisine de Mokolo", "Marie", "Président du comité"])
def test_name_of_a_person_is_fine(name: str) -> None:
    check_name(name)
