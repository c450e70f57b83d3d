"""`/api/v1/schema/` and `docs/`"""

import json
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema


@pytest.fixture
def schema() -> Any:
    GENERATOR_STATS.reset()
    return SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]  # the package is half typed


def test_schema_is_openapi_3_1_without_a_warning(schema: Any) -> None:
    assert schema["openapi"] == "3.1.0"
    validate_schema(schema)  # type: ignore[no-untyped-call]
    assert not GENERATOR_STATS


def test_schema_has_every_address(schema: Any) -> None:
    assert {path: sorted(set(item) - {"parameters"}) for path, item in schema["paths"].items()} == {
        "/api/v1/auth/token/": ["post"],
        "/api/v1/auth/token/refresh/": ["post"],
        "/api/v1/auth/token/revoke/": ["post"],
        "/api/v1/basemap/": ["get"],
        "/api/v1/categories/": ["get"],
        "/api/v1/events/": ["get"],
        "/api/v1/map/": ["get"],
        "/api/v1/me/": ["get", "patch"],
        "/api/v1/me/export/": ["get", "post"],
        "/api/v1/me/export/file/": ["get"],
        "/api/v1/me/follows/": ["get", "post"],
        "/api/v1/me/follows/{follow_id}/": ["delete"],
        "/api/v1/me/preferences/": ["get", "patch"],
        "/api/v1/me/reports/": ["get"],
        "/api/v1/quarters/": ["get"],
        "/api/v1/reports/": ["get", "post"],
        "/api/v1/reports/{ref}/": ["get", "patch"],
        "/api/v1/reports/{ref}/comments/": ["get", "post"],
        "/api/v1/reports/{ref}/comments/{comment_id}/": ["delete", "patch"],
        "/api/v1/reports/{ref}/confirmation/": ["put"],
        "/api/v1/reports/{ref}/events/": ["get"],
        "/api/v1/reports/{ref}/follow/": ["delete", "put"],
        "/api/v1/reports/{ref}/photos/": ["post"],
        "/api/v1/reports/{ref}/transitions/": ["post"],
        "/api/v1/reports/{ref}/vote/": ["delete", "put"],
        "/api/v1/stats/": ["get"],
    }


def test_schema_says_how_one_signs_in(schema: Any) -> None:
    assert sorted(schema["components"]["securitySchemes"]) == ["jwt", "oauth2", "session"]
    vote = schema["paths"]["/api/v1/reports/{ref}/vote/"]["put"]["security"]
    assert {"oauth2": ["reports"]} in vote


def test_schema_describes_problems(schema: Any) -> None:
    answers = schema["paths"]["/api/v1/reports/"]["post"]["responses"]
    assert sorted(answers) == ["200", "201", "400", "403", "422", "429"]
    assert list(answers["422"]["content"]) == ["application/problem+json"]


def test_schema_needs_no_private_field(schema: Any) -> None:
    assert not {"contact_email", "contact_phone", "reporter"} & set(
        schema["components"]["schemas"]["Report"]["properties"]
    )


def test_schema_as_json_and_yaml(client: Client, db: None) -> None:
    response = client.get("/api/v1/schema/", {"format": "json"})
    assert json.loads(response.content)["info"]["title"] == "FixMyQuarter"
    assert response["Cache-Control"] == "public, max-age=3600"
    assert not response.cookies
    assert client.get("/api/v1/schema/").content.startswith(b"openapi: 3.1.0")


def test_schema_is_written_by_the_command(tmp_path: Any) -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "schema.yml"))
    assert (tmp_path / "schema.yml").read_text().startswith("openapi: 3.1.0")


def test_docs_have_nothing_inline(client: Client, db: None) -> None:
    response = client.get("/api/v1/docs/")
    page = response.content.decode()
    assert 'data-schema="/api/v1/schema/?format=json"' in page
    assert "<style" not in page
    assert page.count("<script") == page.count("<script src=") == 2
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")


def test_docs_refuse_other_methods_with_a_problem(db: None) -> None:
    response = Client(enforce_csrf_checks=True).post("/api/v1/docs/")
    assert (response.status_code, response["Content-Type"]) == (405, "application/problem+json")
    assert response["Allow"] == "GET, HEAD"
