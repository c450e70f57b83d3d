"""Small steps that the API's tests share."""

import io
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from accounts.models import User
from accounts.services.tokens import open_family
from tests.factories import CENTRE

ROOT = "/api/v1"
PROBLEM = "application/problem+json"
NEW_REPORT: dict[str, Any] = {
    "category": "pothole",
    "location": {"type": "Point", "coordinates": list(CENTRE)},
    "description": "Un trou profond.",
    "address": "Devant le marché",
}


def bearer(user: User) -> dict[str, str]:
    """Return the header that signs a request of somebody who showed their second factor."""
    return {"authorization": f"Bearer {open_family(user=user, has_factor=True)['access']}"}


def send(
    client: Client, path: str, body: Any, *, user: User | None = None, method: str = "post", **headers: str
) -> Any:
    """Send JSON."""
    signed = {**(bearer(user) if user else {}), **headers}
    return getattr(client, method)(f"{ROOT}{path}", body, content_type="application/json", headers=signed)


def read(client: Client, path: str, *, user: User | None = None, **query: Any) -> Any:
    """Ask for something."""
    return client.get(f"{ROOT}{path}", query, headers=bearer(user) if user else {})


def codes(response: Any) -> list[tuple[str, str]]:
    """Return the (field, code) pairs of a problem."""
    assert response["Content-Type"] == PROBLEM
    body = response.json()
    assert body["status"] == response.status_code
    return [(error["field"], error["code"]) for error in body.get("errors", [])]


def jpeg(name: str = "photo.jpg", colour: str = "grey") -> SimpleUploadedFile:
    """Return a small photo."""
    content = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(content, "JPEG")
    return SimpleUploadedFile(name, content.getvalue(), "image/jpeg")
