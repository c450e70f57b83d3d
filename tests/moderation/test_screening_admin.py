"""Blocked terms and opening rules in the admin, lists taken in by command, and the page to try a text on."""

import json
from datetime import time
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts.models import User
from moderation.models import BlockedTerm, OpeningRule
from reports.models import Category, Town
from tests.moderation.conftest import signed_in, words_of

pytestmark = pytest.mark.django_db

TRY = "admin:moderation_blockedterm_try"
HOSTILE = Path(__file__).resolve().parents[3] / "shared/data/text/blns.json"


def add(person: User | None, **fields: Any) -> Any:
    return signed_in(person).post(
        reverse("admin:moderation_blockedterm_add"), {"typed": "", "language": "", "town": "", **fields}
    )


def test_add_term_keeps_it_folded(administrator: User, town: Town) -> None:
    assert add(administrator, typed="Enculé", town=town.pk).status_code == 302
    assert BlockedTerm.objects.values_list("typed", "folded", "town").get() == ("Enculé", "encule", town.pk)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("!!!", "Écrivez au moins deux lettres : une seule retiendrait presque tout."),
        ("a", "Écrivez au moins deux lettres : une seule retiendrait presque tout."),
        ("", "Ce champ est obligatoire."),
        ("CÔNNARD", "Ce terme est déjà bloqué ici, écrit ainsi ou autrement."),
    ],
)
def test_add_term_refused(typed: str, words: str, administrator: User) -> None:
    BlockedTerm.objects.create(typed="connard")
    response = add(administrator, typed=typed)
    assert words in words_of(response)
    assert BlockedTerm.objects.count() == 1


@pytest.mark.parametrize(
    ("person", "may"),
    [
        ("administrator", True),
        ("moderator", False),
        ("moderator_elsewhere", False),
        ("operator", False),
        ("stranger", False),
        ("nobody", False),
    ],
    indirect=["person"],
)
def test_terms_and_rules_are_the_administrators(person: User | None, *, may: bool, category: Category) -> None:
    add(person, typed="connard")
    assert BlockedTerm.objects.exists() is may
    rule = reverse("admin:moderation_openingrule_add")
    signed_in(person).post(rule, {"category": category.pk, "weekdays": ["1", "7"], "from_time": "08:00"})
    assert OpeningRule.objects.filter(weekdays=[1, 7], from_time=time(8)).exists() is may


@pytest.mark.parametrize("days", [["8"], ["x"], ["\x00"]])
def test_rules_have_days_of_the_week(days: list[str], administrator: User, category: Category) -> None:
    rule = reverse("admin:moderation_openingrule_add")
    response = signed_in(administrator).post(rule, {"category": category.pk, "weekdays": days})
    assert (response.status_code, OpeningRule.objects.count()) == (200, 0)


def test_lists_cost_the_same_with_many_rows(
    administrator: User, category: Category, town: Town, django_assert_max_num_queries: Any
) -> None:
    for number in range(3):
        BlockedTerm.objects.create(typed=f"terme {number}", town=town)
        OpeningRule.objects.create(category=category, town=town, weekdays=[number + 1])
    client = signed_in(administrator)
    for name in ("blockedterm", "openingrule"):
        with django_assert_max_num_queries(15):
            page = words_of(client.get(reverse(f"admin:moderation_{name}_changelist")))
        assert page.count('class="action-select"') in {0, 3}


@pytest.mark.parametrize(
    ("person", "status"),
    [
        ("moderator", 200),
        ("moderator_elsewhere", 200),
        ("administrator", 200),
        ("operator", 403),
        ("stranger", 403),
        ("nobody", 302),
    ],
    indirect=["person"],
)
def test_try_is_for_those_who_judge(person: User | None, status: int) -> None:
    response = signed_in(person).post(reverse(TRY), {"text": "Un trou"})
    assert response.status_code == status


def test_try_explains(moderator: User, town: Town) -> None:
    BlockedTerm.objects.create(typed="connard", town=town)
    page = words_of(signed_in(moderator).post(reverse(TRY), {"text": "c0nnard, 670000000", "town": town.pk}))
    assert "«\u00a0connard\u00a0»" in page
    assert "Le texte contient un numéro de téléphone." in page
    assert "Ce texte attendrait un modérateur" in page


def test_try_without_a_town_looks_for_the_terms_of_all(moderator: User, town: Town) -> None:
    BlockedTerm.objects.create(typed="connard", town=town)
    page = words_of(signed_in(moderator).post(reverse(TRY), {"text": "connard"}))
    assert "Rien à relever dans ce texte" in page


@pytest.mark.parametrize("fields", [{"text": ""}, {"text": "a" * 4001}, {"text": "a", "town": "9" * 30}])
def test_try_refuses_nonsense(fields: dict[str, str], moderator: User) -> None:
    assert signed_in(moderator).post(reverse(TRY), fields).status_code == 422


def test_try_takes_hostile_strings(moderator: User) -> None:
    if not HOSTILE.exists():
        pytest.skip("the shared test data (text/blns.json) is not beside this checkout")
    client = signed_in(moderator)
    texts = [text for text in json.loads(HOSTILE.read_text()) if text.strip()][::25]
    assert {client.post(reverse(TRY), {"text": text}).status_code for text in texts} <= {200, 422}


def load(*arguments: str, **options: Any) -> str:
    out = StringIO()
    call_command("load_blocked_terms", *arguments, stdout=out, stderr=out, **options)
    return out.getvalue()


def test_load_the_shipped_list_twice() -> None:
    assert load() == f"{BlockedTerm.objects.count()} termes ajoutés.\n"
    assert BlockedTerm.objects.filter(folded="con").values_list("language", flat=True).get() == "fr"
    assert load() == "0 termes ajoutés.\n"


def test_load_a_list_of_a_town(tmp_path: Path, town: Town) -> None:
    file = tmp_path / "terms.txt"
    file.write_text("# ours\n\nen:Foo Bar\nbaz\n!!!\n" + "x" * 81)
    said = load(str(file), town=town.slug, language="fr")
    assert (
        said
        == f"Ligne sans terme utilisable\u00a0: !!!\nLigne sans terme utilisable\u00a0: {'x' * 81}\n2 termes ajoutés.\n"
    )
    terms = BlockedTerm.objects.values_list("folded", "language", "town")
    assert list(terms) == [("baz", "fr", town.pk), ("foo bar", "en", town.pk)]


def test_load_refuses_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CommandError):
        load(str(tmp_path / "nowhere"))
    with pytest.raises(CommandError):
        load(town="nowhere")


def test_measure_prints_tables(tmp_path: Path) -> None:
    folder = tmp_path / "text"
    folder.mkdir()
    (folder / "ldnoobw_fr.txt").write_text("connard\nfils de pute\n")
    (folder / "blns.json").write_text(json.dumps(["<script>", "rien"]))
    out = StringIO()
    call_command("measure_screening", str(tmp_path), stdout=out)
    assert "| as it is | 2 | 2 |" in out.getvalue()
    assert "| markup |  | 1 |" in out.getvalue()


def test_measure_without_texts(tmp_path: Path) -> None:
    with pytest.raises(CommandError):
        call_command("measure_screening", str(tmp_path))
