"""Production refuses to start unsafe, and is safe by Django's own checks once it starts."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SECRETS = {
    "FMQ_SECRET_KEY": "k3y-" + "0123456789abcdefghijklmnopqrstuvwxyz" * 2,
    "FMQ_CONTACT_KEYS": "dGhlLWtleS1vZi1hLXRlc3QtYW5kLW9mLW5vdGhpbmc=",
    "FMQ_VAPID_PRIVATE_KEY": "v6Zuz1RHSg2uRZsSaXS8Wg1Fl9l6UB8SM3XoYgxhLAg",
    "FMQ_DATABASE_URL": "postgis://user:password@db.example.org/fixmyquarter",
    "FMQ_REDIS_URL": "redis://cache.example.org:6379",
    "FMQ_PUBLIC_URL": "https://quartier.example.org",
    "FMQ_ALLOWED_HOSTS": "quartier.example.org",
    "FMQ_EMAIL_URL": "smtp+tls://user:password@mail.example.org:587",
}


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("FMQ_", "DJANGO_"))}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**clean, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_check_deploy_is_clean_in_production() -> None:
    done = manage("check", "--deploy", "--fail-level", "INFO", FMQ_ENV="production", **SECRETS)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("missing", sorted(SECRETS))
def test_production_refuses_to_start_without(missing: str) -> None:
    given = {name: value for name, value in SECRETS.items() if name != missing}
    done = manage("check", FMQ_ENV="production", **given)
    assert done.returncode != 0
    assert f"Set {missing} (or {missing}_FILE)" in done.stderr


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "key"
    secret.write_text(SECRETS["FMQ_SECRET_KEY"])
    given = {name: value for name, value in SECRETS.items() if name != "FMQ_SECRET_KEY"}
    done = manage("check", FMQ_ENV="production", FMQ_SECRET_KEY_FILE=str(secret), **given)
    assert done.returncode == 0


def test_an_unknown_environment_is_refused() -> None:
    done = manage("check", FMQ_ENV="staging")
    assert "write development or production" in done.stderr


@pytest.mark.parametrize(
    ("changed", "finding"),
    [
        ({"FMQ_ALLOWED_HOSTS": "other.example.org"}, "fixmyquarter.E001"),
        ({"FMQ_CONTACT_KEYS": "too-short"}, "fixmyquarter.E002"),
        ({"FMQ_CONTACT_KEYS": " , "}, "fixmyquarter.E002"),
        ({"FMQ_CONTACT_KEYS": "ZGV2ZWxvcG1lbnQtb25seS1jb250YWN0LWtleS0wMDE="}, "fixmyquarter.E003"),
        ({"FMQ_THROTTLE": "0"}, "fixmyquarter.W001"),
        ({"FMQ_EMAIL_URL": "filemail:///tmp/mail"}, "fixmyquarter.W002"),
    ],
)
def test_check_deploy_finds(changed: dict[str, str], finding: str) -> None:
    done = manage("check", "--deploy", FMQ_ENV="production", **{**SECRETS, **changed})
    assert finding in done.stderr


def test_mails_of_a_developer_land_in_the_folder_of_state(tmp_path: Path) -> None:
    said = "from django.conf import settings; print(settings.EMAIL_FILE_PATH)"
    done = manage("shell", "--no-imports", "-c", said, FMQ_ENV="development", FMQ_VAR=str(tmp_path))
    assert done.stdout.splitlines()[-1:] == [str(tmp_path / "mail")], done.stderr


def test_check_never_shows_a_key() -> None:
    done = manage("check", FMQ_ENV="production", **{**SECRETS, "FMQ_CONTACT_KEYS": "half-a-secret"})
    assert done.returncode == 1
    assert "wrong: 1" in done.stderr
    assert "half-a-secret" not in done.stderr + done.stdout
