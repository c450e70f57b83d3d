"""Each part of `make lint` is shown to fire on a planted mistake."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ops.check_templates import bare_words, templates
from ops.check_translations import untranslated
from ops.lint import CHECKS, NOWHERE
from ops.options import ROOT

APPS = ("accounts", "reports", "moderation", "notifications", "fixmyquarter", "ops")


def check(name: str, checkout: Path) -> tuple[int, str]:
    """Run one check of `make lint` on a checkout; return its exit status and its words."""
    command = next(one.command for one in CHECKS if one.name == name)
    result = subprocess.run(
        [sys.executable, *command],
        cwd=checkout,
        env={**NOWHERE, "PATH": "/usr/bin:/bin", "FMQ_VAR": str(checkout / "var")},
        capture_output=True,
        text=True,
        check=False,
    )
    return result.returncode, result.stdout + result.stderr


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout to plant mistakes in."""
    checkout = tmp_path_factory.mktemp("checkout")
    for name in APPS:
        shutil.copytree(ROOT / name, checkout / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "manage.py"):
        shutil.copy(ROOT / name, checkout)
    return checkout


def planted(copy: Path, file: str, line: str, name: str) -> tuple[int, str]:
    """Run a check with a line added to a file, then without it again."""
    target = copy / file
    before = target.read_text() if target.exists() else None
    target.write_text((before or "") + line)
    try:
        return check(name, copy)
    finally:
        if before is None:
            target.unlink()
        else:
            target.write_text(before)


def test_import_contracts_hold(copy: Path) -> None:
    status, words = check("import contracts", copy)
    assert status == 0, words


@pytest.mark.parametrize(
    ("file", "line", "words"),
    [
        ("accounts/models/person.py", "import reports.models\n", "accounts.models.person -> reports.models"),
        ("reports/workflow.py", "import moderation.apps\n", "reports.workflow -> moderation.apps"),
        ("reports/workflow.py", "import reports.geo, reports.models\n", "reports.workflow -> reports.models"),
        ("reports/querysets.py", "import reports.services.log\n", "reports.querysets -> reports.services.log"),
        ("reports/tasks.py", "import reports.urls\n", "reports.tasks -> reports.urls"),
        ("moderation/apps.py", "import fixmyquarter.checks\n", "moderation.apps -> fixmyquarter.checks"),
        ("reports/models/place.py", "import rest_framework\n", "reports.models.place -> rest_framework"),
        ("reports/helpers.py", "", "reports.helpers"),
        ("ops/log.py", "import reports.workflow\n", "ops.log -> reports.workflow"),
    ],
)
def test_import_contracts_fire(copy: Path, file: str, line: str, words: str) -> None:
    status, said = planted(copy, file, line, "import contracts")
    assert status == 1
    assert words in said


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("import os\n", "F401"),
        ("def f(x):\n    return x\n", "ANN001"),
        ("from django.http import HttpResponse\n\nprint(HttpResponse)\n", "TID251"),
        ("# TODO later\n", "TD002"),
        ("try:\n    pass\nexcept Exception:\n    pass\n", "S110"),
        (f"x = '{'x' * 120}'\n", "E501"),
    ],
)
def test_style_fires(copy: Path, line: str, rule: str) -> None:
    status, said = planted(copy, "reports/planted.py", line, "style")
    assert status == 1
    assert rule in said


def test_format_fires(copy: Path) -> None:
    status, said = planted(copy, "reports/planted.py", "x = {  }\n", "format")
    assert (status, "planted.py" in said) == (1, True)


def test_migrations_fire(copy: Path) -> None:
    line = "\n\nclass Planted(models.Model):\n    name = models.CharField(max_length=5)\n"
    status, said = planted(copy, "reports/models/place.py", line, "migrations")
    assert (status, "Create model Planted" in said) == (1, True)


@pytest.fixture
def small(tmp_path: Path) -> Callable[..., Path]:
    """A checkout with one template and an English catalogue."""

    def make(template: str, catalogue: str = "") -> Path:
        (tmp_path / "templates").mkdir()
        (tmp_path / "templates" / "page.html").write_text(template)
        po = tmp_path / "locale" / "en" / "LC_MESSAGES" / "django.po"
        po.parent.mkdir(parents=True)
        po.write_text('msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n' + catalogue)
        return tmp_path

    return make


PAGE = '{% load i18n %}{% translate "Bonjour" %}'


@pytest.mark.parametrize(
    ("catalogue", "said"),
    [
        ('msgid "Bonjour"\nmsgstr "Hello"\n', []),
        ("", ["no English: Bonjour"]),
        ('msgid "Bonjour"\nmsgstr ""\n', ["no English: Bonjour"]),
        ('#, fuzzy\nmsgid "Bonjour"\nmsgstr "Hello"\n', ["English only guessed: Bonjour"]),
    ],
)
def test_translations_fire(small: Callable[..., Path], catalogue: str, said: list[str]) -> None:
    assert untranslated(small(PAGE, catalogue)) == said


def test_translations_see_python_and_long_texts(small: Callable[..., Path]) -> None:
    long = (
        "Un texte si long que le catalogue le coupe en plusieurs lignes, ce qui ne doit rien changer à ce qui est dit."
    )
    root = small("")
    (root / "code.py").write_text(f"from django.utils.translation import gettext_lazy as _\n\nTEXT = _({long!r})\n")
    assert untranslated(root) == [f"no English: {long}"]


def test_translations_change_no_file(small: Callable[..., Path]) -> None:
    root = small(PAGE)
    before = {file: file.read_bytes() for file in root.rglob("*") if file.is_file()}
    untranslated(root)
    assert {file: file.read_bytes() for file in root.rglob("*") if file.is_file()} == before


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ("<p>Bonjour</p>", ["Bonjour"]),
        ("<p>{% if x %}oui{% endif %}</p>", ["oui"]),
        ('<img alt="Une photo">', ["Une photo"]),
        ('<input type="submit" value="Envoyer">', ["Envoyer"]),
        ('<input type="hidden" value="pothole">', []),
        ('<a aria-label="{% if x %}ici{% endif %}"></a>', ["ici"]),
        ('<meta name="description" content="Un portail">', ["Un portail"]),
        ('<meta name="viewport" content="width=device-width">', []),
        ("{% blocktranslate %}Bonjour <b>vous</b>{% endblocktranslate %}", []),
        ('<p title="{% translate "Bonjour" %}">{{ name }}&nbsp;· 12 &times; 3</p>', []),
        ("{% comment %}Pour nous{% endcomment %}{# et ici #}<!-- là -->", []),
        ("<script>let mot;</script><style>body{}</style><svg><title>x y</title></svg>", []),
        ('<a lang="en">English</a><b translate="no">Yaoundé <i>ville</i></b>', []),
        ("<title>FixMyQuarter</title>", []),
        ('<span class="material-symbols-outlined">menu</span>', []),
        ('<p translate="no">x<br>mot</p><p>Après</p>', ["Après"]),
        ("<!doctype html><p>{% trans 'a' %}<em>mot</em>", ["mot"]),
    ],
)
def test_template_words_fire(tmp_path: Path, template: str, found: list[str]) -> None:
    file = tmp_path / "page.html"
    file.write_text(template)
    assert [text for _, text in bare_words(file)] == found


def test_template_words_are_named_by_their_line(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text("{% comment %}\nun\n{% endcomment %}\n<p>\n  {{ x }}\n  Bonjour\n</p>")
    assert bare_words(file) == [(6, "Bonjour")]


def test_template_words_look_into_every_template() -> None:
    assert ROOT / "templates" / "base.html" in set(templates(ROOT))
