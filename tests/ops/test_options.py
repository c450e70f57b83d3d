"""What a person writes before `make run`, and what is wrong with it."""

import socket

import pytest

from ops.options import ROOT, Options
from ops.ports import free_port, require_free
from ops.refusal import Refusal


def test_options_have_defaults() -> None:
    assert Options.read({}) == Options(port=8000, var=ROOT / "var", demo=True, throttle=True)


def test_options_are_read_from_the_environment() -> None:
    found = Options.read({"PORT": "8100", "FMQ_VAR": "/tmp/x", "FMQ_DEMO": "0", "FMQ_THROTTLE": "0"})  # noqa: S108
    assert (found.port, str(found.var), found.demo, found.throttle) == (8100, "/tmp/x", False, False)  # noqa: S108
    assert found.url == "http://127.0.0.1:8100"


def test_options_take_a_relative_folder_from_the_checkout() -> None:
    assert Options.read({"FMQ_VAR": "state/here"}).var == ROOT / "state" / "here"


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({"PORT": "http"}, "PORT is 'http': give a number from 1 to 65535."),
        ({"PORT": "70000"}, "PORT is '70000': give a number from 1 to 65535."),
        ({"PORT": "0"}, "PORT is '0': give a number from 1 to 65535."),
        ({"FMQ_DEMO": "yes"}, "FMQ_DEMO is 'yes': write 1 for yes or 0 for no."),
        ({"FMQ_THROTTLE": "off"}, "FMQ_THROTTLE is 'off': write 1 for yes or 0 for no."),
    ],
)
def test_options_refuse_with_a_sentence(environ: dict[str, str], sentence: str) -> None:
    with pytest.raises(Refusal) as refusal:
        Options.read(environ)
    assert str(refusal.value) == sentence


def test_port_that_is_taken_is_refused_with_a_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(Refusal, match=f"Port {port} is already in use .* PORT=8100 make run"):
            require_free(port)


def test_port_that_is_free_is_taken() -> None:
    require_free(free_port())
