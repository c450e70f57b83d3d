"""The page that shows the API to people."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, Watched, violations

pytestmark = pytest.mark.browser

METHODS = {"get", "put", "post", "patch", "delete"}


def test_docs_start_under_the_policy(watched: Watched) -> None:
    page = watched.page("/api/v1/docs/")
    page.locator(".opblock").first.wait_for()
    schema = page.request.get("/api/v1/schema/?format=json").json()
    operations = [method for methods in schema["paths"].values() for method in methods if method in METHODS]
    assert page.locator(".opblock").count() == len(operations)
    page.locator(".opblock-summary-control", has_text="/api/v1/categories/").click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()
    page.locator(".live-responses-table .response-col_status", has_text="200").wait_for()
    assert page.context.cookies() == []


@pytest.mark.parametrize("device", [PHONE, None])
def test_docs_are_for_everybody(watched: Watched, device: str | None) -> None:
    page = watched.page("/api/v1/docs/", device)
    page.locator(".opblock").first.wait_for()
    assert violations(page) == []

    page.locator(".opblock-summary-control", has_text="/api/v1/categories/").click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()
    page.locator(".live-responses-table .response-col_status", has_text="200").wait_for()
    assert violations(page) == []


def test_docs_open_an_operation_by_its_address(watched: Watched) -> None:
    page = watched.page("/api/v1/docs/")
    page.locator(".opblock-summary-control", has_text="/api/v1/categories/").click()
    page.wait_for_url("**/docs/#/categories/*")
    watched.forgive("escaping deep link whitespace")  # what it thinks of the names of our operations
    again = watched.page(page.url)
    expect(again.locator(".opblock.is-open .opblock-summary-path")).to_have_attribute(
        "data-path", "/api/v1/categories/"
    )
