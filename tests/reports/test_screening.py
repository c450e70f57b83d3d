"""What a comment is held for: addresses, numbers and noise from people whom nobody knows; honest words pass."""

import csv
import gzip
import json
from pathlib import Path

import pytest

from reports.screening import WORDS, findings

DATA = Path(__file__).resolve().parents[3] / "shared/data"

HONEST = [
    "Merci, c’est réparé ! 👍👏",
    "Toujours rien depuis le 12/10/2024, c’est dangereux pour les enfants.",
    "Le trou mesure 2,50 m sur 1,20 m, à 300 m du carrefour.Merci de passer.",
    "Même problème rue 1.234, en face du n° 45, poteau 102345.",
    "La facture était de 25 000 000 FCFA, on attend toujours.",
    "La caution de 222 000 000 FCFA a été payée.",
    "URGENT SVP, la SODECOTON est inondée",
    "Voir la photo : le caniveau.Le camion n’est jamais venu",
    "Coordonnées : 3.866123, 11.517456",
    "Ticket 2024-10-12-0045, relancé 3 fois...............",
    "Oui !!! Enfin !!!",
    "C'est au point.",
    "Thanks, fixed in 2 days. 10/10 <3",
]


@pytest.mark.parametrize("text", HONEST)
def test_findings_in_honest_words(text: str) -> None:
    assert findings(text, is_newcomer=True) == []


@pytest.mark.parametrize(
    "text",
    [
        "Cliquez https://exemple.test/a",
        "Voir www.exemple.cm",
        "va sur gagner-argent.xyz vite",
        "hxxp://mal.example",
        "wa.me/237670000000",
        "bit.ly/abc",
        "argent[.]com",
        "gagner point com",
        "h\u200bttps://cache.test",
    ],
)
def test_findings_link(text: str) -> None:
    assert "link" in findings(text, is_newcomer=True)


@pytest.mark.parametrize(
    "text", ["écrivez à a.b@example.org", "nom @ example.cm", "nom arobase gmail point com", "n[at]x.fr"]
)
def test_findings_email(text: str) -> None:
    assert "email" in findings(text, is_newcomer=True)


@pytest.mark.parametrize(
    "text",
    [
        "Appelez le 670000000",
        "6 70 00 00 00",
        "+237 6 70-00-00-00",
        "00237 222 23 40 50",
        "tél : 222.23.40.50",
        "07 07 12 34 56",
        "+225 0707123456",
        "2722441234",
        "+33 6 12 34 56 78",
        "\uff16\uff17" + "\uff10" * 7,
        "+1 (415) 555-0100",
    ],
)
def test_findings_phone(text: str) -> None:
    assert findings(text, is_newcomer=True) == ["phone"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("<script>alert(1)</script>", "markup"),
        ("[url=x]ici[/url]", "markup"),
        ("CETTE ROUTE EST UNE HONTE ET PERSONNE NE FAIT RIEN POUR NOUS DEPUIS DES MOIS ET DES MOIS", "shouting"),
        ("Nooooooooooon", "flood"),
        ("Quoi ????????", "flood"),
        ("spam spam spam spam spam", "flood"),
        ("Achetez chez moi\nAchetez chez moi\nAchetez chez moi", "flood"),
        ("🔥" * 9, "emoji"),
        ("abc\u202egnp.exe", "hidden"),
        ("Z\u0363\u0364\u0365\u0366algo", "hidden"),
    ],
)
def test_findings_noise(text: str, code: str) -> None:
    assert code in findings(text, is_newcomer=True)


def test_findings_of_a_known_person() -> None:
    assert findings("https://mairie.example, 670000000, a@example.org", is_newcomer=False) == []
    assert findings("🔥" * 9, is_newcomer=False) == ["emoji"]


def test_words_explain_every_code() -> None:
    noisy = "https://a.test a@example.org 670000000 <b> \u202e" + "🔥" * 9 + "!" * 9 + "A" * 200
    found = findings(noisy, is_newcomer=True)
    assert found == ["link", "email", "phone", "markup", "shouting", "flood", "emoji", "hidden"]
    assert set(WORDS) == {*found, "flags", "blocked", "device", "account", "sender", "crowd", "seen", "alike", "closed"}
    assert all(str(words).endswith(".") for words in WORDS.values())


def corpus(name: str) -> Path:
    path = DATA / name
    if not path.exists():
        pytest.skip(f"the shared test data ({name}) is not beside this checkout")
    return path


def test_findings_in_naughty_strings_are_codes() -> None:
    for text in json.loads(corpus("text/blns.json").read_text()):
        assert set(findings(text, is_newcomer=True)) <= set(WORDS)


def test_findings_in_markup_of_naughty_strings() -> None:
    scripts = [text for text in json.loads(corpus("text/blns.json").read_text()) if "<script" in text.lower()]
    missed = [text for text in scripts if not findings(text, is_newcomer=True)]
    assert len(scripts) > 50
    assert missed == []


def test_findings_in_real_french_reports_are_rare() -> None:
    with gzip.open(corpus("requests/bretagne_signalements_routiers_fr.csv.gz"), "rt") as file:
        texts = {row["description"] for row in csv.DictReader(file) if row["description"]}
    held = [text for text in texts if findings(text, is_newcomer=True)]
    assert len(texts) > 300
    assert len(held) <= len(texts) / 100


def test_findings_stay_quick_on_the_longest_text() -> None:
    for unit in ("a.", "6 ", "a@", "<a ", "0 0-", "http:", "www"):
        assert isinstance(findings((unit * 2000)[:2000], is_newcomer=True), list)
