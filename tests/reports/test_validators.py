"""What a citizen may send."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from reports import validators
from tests.reports.api_client import jpeg

NAUGHTY = Path(__file__).parents[3] / "shared/data/text/blns.json"


def code_of(raised: pytest.ExceptionInfo[ValidationError]) -> str:
    return str(raised.value.code)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  trou \r\n profond\r", "trou \n profond"),
        ("<b>trou</b> & co", "<b>trou</b> & co"),
        ("e\u0301gout", "égout"),
        ("a\x07b\x1b[0m\tc", "ab[0m\tc"),
        ("ɓ ɗ ɔ ɛ 🕳️", "ɓ ɗ ɔ ɛ 🕳️"),
    ],
)
def test_description(text: str, expected: str) -> None:
    assert validators.clean_description(text) == expected


@pytest.mark.parametrize("text", ["a\x00b", "\ud800", "x\udfff"])
def test_description_with_what_no_database_keeps(text: str) -> None:
    with pytest.raises(ValidationError) as raised:
        validators.clean_description(text)
    assert code_of(raised) == "null_characters"


def test_description_of_4000_and_4001_characters() -> None:
    assert len(validators.clean_description("é" * 4000)) == 4000
    with pytest.raises(ValidationError) as raised:
        validators.clean_description("é" * 4001)
    assert raised.value.messages == ["Ce texte est trop long\xa0: 4000 caractères au plus."]


@given(st.text())
def test_description_is_stable(text: str) -> None:
    try:
        once = validators.clean_description(text)
    except ValidationError:
        return
    assert validators.clean_description(once) == once
    once.encode()


@pytest.mark.skipif(not NAUGHTY.exists(), reason="the shared data is not here")
def test_description_of_naughty_strings() -> None:
    for text in json.loads(NAUGHTY.read_text()):
        try:
            validators.clean_description(text).encode()
        except ValidationError as error:
            assert error.code in {"null_characters", "max_length"}  # noqa: PT017  (either answer is right)


def test_address_is_one_line() -> None:
    assert validators.clean_address(" devant\n le   marché ") == "devant le marché"


@pytest.mark.parametrize("number", ["+237 6 70 00 00 00", "670000000", "00237-670.00.00.00", "(237) 670 000 000", ""])
def test_phone(number: str) -> None:
    if number.startswith("("):
        with pytest.raises(ValidationError):
            validators.clean_phone(number)
    else:
        assert validators.clean_phone(f" {number} ") == number


@pytest.mark.parametrize("number", ["12345", "appelez-moi", "+237 <script>", "1" * 16, "٣٣٣٣٣٣٣", "+" + "1 " * 20])
def test_phone_refused(number: str) -> None:
    with pytest.raises(ValidationError) as raised:
        validators.clean_phone(number)
    assert code_of(raised) == "invalid_phone"


def test_email() -> None:
    assert validators.clean_email(" Voisin@Example.ORG ") == "voisin@example.org"
    assert validators.clean_email("") == ""


@pytest.mark.parametrize(
    "address", ["voisin", "a@b", "a b@example.org", "a@example.org\nBcc: b@example.org", "é" * 250]
)
def test_email_refused(address: str) -> None:
    with pytest.raises(ValidationError):
        validators.clean_email(address)


@pytest.mark.parametrize("text", ["", "1", "1,2,3", "a,b", "nan,1", "1,inf", "181,1", "0,0", "1e999,1"])
def test_position_refused(text: str) -> None:
    with pytest.raises(ValidationError) as raised:
        validators.parse_position(text)
    assert code_of(raised) == "invalid_location"


def test_position() -> None:
    assert validators.parse_position(" 11.517 , 3.866") == (11.517, 3.866)


def test_captured_at() -> None:
    now = timezone.now()
    assert validators.clean_captured_at(now) == now
    assert validators.clean_captured_at(None) is None
    assert validators.clean_captured_at(now + timedelta(days=2)) is None
    assert validators.clean_captured_at(now - timedelta(days=400)) is None


def test_photos() -> None:
    judged = validators.inspected([jpeg(), jpeg()])
    assert [(facts.width, facts.height) for _file, facts in judged] == [(64, 48)] * 2


def test_photos_refused() -> None:
    with pytest.raises(ValidationError) as raised:
        validators.inspected([jpeg()] * 4)
    assert code_of(raised) == "too_many_photos"
    with pytest.raises(ValidationError) as raised:
        validators.inspected([SimpleUploadedFile("photo.jpg", b"not a photo")])
    assert code_of(raised) == "unknown_format"
