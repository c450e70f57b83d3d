"""Blocked terms: found however they are dressed up, and never inside an honest word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.folding import Matcher, Term, fold, language_of

TERMS = Matcher(Term(typed) for typed in ("con", "connard", "enculé", "merde", "nique ta mère", "fils de pute", "pd"))


def found(text: str) -> list[str]:
    return [term.typed for term in TERMS.found(text)]


@pytest.mark.parametrize(
    "text",
    [
        "Le conseil municipal contrôle le constat.",
        "Un cône de chantier, des cônes partout",
        "Contre le mur, au fond de la concession",
        "Le fils du député habite là",
        "Un fils député",
        "Code 3.14159, poteau n° 102, 25 000 FCFA",
        "Il y a 3 trous de 2 m, à 5 m de la S.N.E.C.",
        "PDF, VPD, pdt",
        "L’enclos est cassé",
        "a b c d e f g",
        "",
        "🙂 *** !!! ???",
    ],
)
def test_found_in_honest_words(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("Quel CONNARD !", "connard"),
        ("connards", "connard"),
        ("c0nn@rd", "connard"),
        ("le c\u200bonnard", "connard"),
        ("\u0441onnard", "connard"),
        ("\uff23onnard", "connard"),
        ("\U0001d4b8onnard", "connard"),
        ("c o n n a r d", "connard"),
        ("C.O.N.N.A.R.D", "connard"),
        ("c-0-n-n-@-r-d", "connard"),
        ("conn ard", "connard"),
        ("connaaaaard", "connard"),
        ("co**ard", "connard"),
        ("meeeerde", "merde"),
        ("m3rde", "merde"),
        ("encule", "enculé"),
        ("ENCULÉS", "enculé"),
        ("enculées", "enculé"),
        ("nique    ta\nmere", "nique ta mère"),
        ("niquetamere", "nique ta mère"),
        ("n1que t@ mère", "nique ta mère"),
        ("n1qu3 74 m3r3", "nique ta mère"),
        ("qu’un con", "con"),
        ("fils-de-putes", "fils de pute"),
        ("pd", "pd"),
    ],
)
def test_found_dressed_up(text: str, term: str) -> None:
    assert term in found(text)


def test_found_names_each_term_once() -> None:
    assert found("con, con et con, merde") == ["con", "merde"]
    assert found("c o n n a r d") == ["connard"]


def test_found_without_terms() -> None:
    assert Matcher([]).found("n’importe quoi") == []
    assert Matcher([Term("!!!")]).found("!!!") == []


@given(st.text(max_size=400))
def test_found_takes_any_text(text: str) -> None:
    assert set(found(text)) <= {term.typed for term in TERMS.whole.values()}


@given(st.text(max_size=60))
def test_fold_is_settled_after_one_turn(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Il y a un trou dans la route", "fr"),
        ("There is a hole in the road", "en"),
        ("Trou", "fr"),
        ("", "fr"),
    ],
)
def test_language_of(text: str, language: str) -> None:
    assert language_of(text, "fr") == language


@pytest.mark.parametrize("unit", ["a1 ", "c o n ", "****", "!!!!", "nique ta ", "a@", "$e ", "n1que "])
def test_found_stays_quick_on_the_longest_text(unit: str) -> None:
    assert isinstance(found((unit * 4000)[:4000]), list)
