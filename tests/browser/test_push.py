"""Notifications in a real browser: the switch, the service worker, what it shows, and honest errors.

Chromium without a network reaches no push service: there the browser's own answer is given by the test, and everything
around it (the page, the worker, the portal) is real. Sending is tested in `tests/notifications/test_push.py`.
"""

import json
import time
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page, expect

from ops.portal import Portal
from tests.browser.conftest import PATIENCE, PHONE, Watched, sign_in, violations
from tests.notifications.push_service import Browser

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

PAGE = "/compte/notifications/"
# What a push service would give out.
SUBSCRIBED = """
const given = %s;
const made = { endpoint: given.endpoint, toJSON: () => given };
PushManager.prototype.getSubscription = async () => localStorage.getItem("made") && made;
PushManager.prototype.subscribe = async () => localStorage.setItem("made", "yes") || made;
"""
SHOWN = """async () => (await (await navigator.serviceWorker.ready).getNotifications())
  .map(({ title, body, data }) => [title, body, data.url])"""


def opened(watched: Watched, portal: Portal, *, script: str = "", **options: Any) -> Page:
    """Return the page of one's choices, as the demonstration's citizen on a phone."""
    context = watched.browser(PHONE, **options)
    if script:
        context.add_init_script(script)
    page = context.new_page()
    sign_in(page, portal, "citizen", PAGE)
    return page


def subscription() -> str:
    keys = Browser().fields()
    return SUBSCRIBED % json.dumps({"endpoint": "https://fcm.googleapis.com/fcm/send/test", "keys": keys})


def registration(page: Page, session: CDPSession) -> str:
    """Return the browser's number of the service worker."""
    found: list[dict[str, Any]] = []
    session.on("ServiceWorker.workerRegistrationUpdated", lambda event: found.extend(event["registrations"]))
    session.send("ServiceWorker.enable")
    deadline = time.monotonic() + PATIENCE / 1000
    while not found:
        assert time.monotonic() < deadline, "the browser knows no service worker"
        page.wait_for_timeout(50)
    return str(found[0]["registrationId"])


def test_switch_asks_only_after_a_tap_and_says_that_it_was_refused(watched: Watched, portal: Portal) -> None:
    page = opened(watched, portal)
    expect(page.get_by_role("button", name="Recevoir des notifications ici")).to_be_visible()
    assert page.evaluate("navigator.serviceWorker.getRegistration('/').then((found) => found === undefined)")
    page.get_by_role("button", name="Recevoir des notifications ici").click()
    expect(page.locator(".push-words")).to_contain_text("Les notifications ne sont pas autorisées.")


def test_switch_without_a_push_service_says_so(watched: Watched, portal: Portal) -> None:
    watched.forgive("Push API in incognito mode")
    page = opened(watched, portal, permissions=["notifications"])
    page.get_by_role("button", name="Recevoir des notifications ici").click()
    expect(page.locator(".push-words")).to_contain_text("Le service de notifications de ce navigateur ne répond pas.")


def test_switch_subscribes_the_browser_and_lets_it_leave(watched: Watched, portal: Portal) -> None:
    page = opened(watched, portal, permissions=["notifications"], script=subscription())
    page.get_by_role("button", name="Recevoir des notifications ici").click()
    expect(page.locator(".push-words")).to_contain_text("Cet appareil reçoit les notifications.")
    page.reload()
    expect(page.get_by_role("button", name="Retirer Chrome, Android")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Ne plus en recevoir ici").click()
    expect(page.get_by_role("button", name="Recevoir des notifications ici")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Aucun appareil ne reçoit de notifications.")).to_be_visible()


def test_worker_shows_what_is_pushed(watched: Watched, portal: Portal) -> None:
    page = opened(watched, portal, permissions=["notifications"], script=subscription())
    page.get_by_role("button", name="Recevoir des notifications ici").click()
    expect(page.locator(".push-words")).to_contain_text("Cet appareil reçoit")
    session = page.context.new_cdp_session(page)
    data = json.dumps({"title": "Problème résolu", "body": "Nid-de-poule, Bastos", "url": "/signalements/", "tag": "a"})
    origin = {"origin": portal.url, "registrationId": registration(page, session)}
    for _twice in range(2):
        session.send("ServiceWorker.deliverPushMessage", {**origin, "data": data})
    page.wait_for_timeout(1000)
    # The second took the place of the first: they have the same tag.
    assert page.evaluate(SHOWN) == [["Problème résolu", "Nid-de-poule, Bastos", "/signalements/"]]


def test_choices_work_without_javascript(watched: Watched, portal: Portal) -> None:
    page = opened(watched, portal, java_script_enabled=False)
    expect(page.locator("[data-push]")).to_be_hidden()
    page.get_by_role("group", name="Commentaires").get_by_label("Par e-mail").select_option("weekly")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("C’est enregistré.")).to_be_visible()
    expect(page.get_by_role("group", name="Commentaires").get_by_label("Par e-mail")).to_have_value("weekly")
