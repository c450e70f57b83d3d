"""The front, with a real nginx before a stand-in for web and live: what it caches, refuses, passes on and hides."""

import asyncio
import contextlib
import io
import json
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.sync.client import connect

from ops.log import Log
from ops.nginx import Front
from ops.ports import answers, free_port
from ops.supervisor import Supervisor
from tests.ops.test_supervisor import eventually


class Web(BaseHTTPRequestHandler):
    """Answers with a running number and the headers that it got; /form sets a cookie, as a page with a form does."""

    asked = 0
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        type(self).asked += 1
        body = json.dumps({"number": self.asked, "headers": {**self.headers}, "filler": "x" * 600}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if self.path == "/form":
            self.send_header("Set-Cookie", "csrftoken=abc")
        if self.path.startswith("/far/"):
            self.send_header("Location", self.path + "/" + "%E0%B8%94" * 2000)
        if self.path == "/private":
            self.send_header("Cache-Control", "private")
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@dataclass
class Ground:
    """A running front, and what stands around it."""

    port: int
    text: io.StringIO
    folder: Path

    def ask(self, path: str, method: str = "GET", body: bytes | None = None, /, **headers: str) -> "Answer":
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        with contextlib.closing(HTTPConnection("127.0.0.1", self.port, timeout=10)) as connection:
            connection.request(method, path, body=body, headers=named)
            with connection.getresponse() as response:
                return Answer(response, response.read())


@dataclass
class Answer:
    response: HTTPResponse
    body: bytes

    @property
    def status(self) -> int:
        return self.response.status

    def header(self, name: str) -> str | None:
        return self.response.getheader(name)

    @property
    def number(self) -> int:
        found: int = json.loads(self.body)["number"]
        return found

    @property
    def passed(self) -> dict[str, str]:
        """The headers that web got."""
        found: dict[str, str] = json.loads(self.body)["headers"]
        return found


async def echo(connection: ServerConnection) -> None:
    async for message in connection:
        await connection.send(message)


def run_live(port: int) -> None:
    async def main() -> None:
        async with serve(echo, "127.0.0.1", port) as server:
            await server.serve_forever()

    asyncio.run(main())


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    folder = tmp_path_factory.mktemp("with a space")
    for file in ("static/app.0123456789ab.css", "static/plain.css", "media/public/a.webp", "media/private/b.webp"):
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(f"this is {file}")
    web = ThreadingHTTPServer(("127.0.0.1", 0), Web)
    web.daemon_threads = True
    threading.Thread(target=web.serve_forever, daemon=True).start()
    live_port = free_port()
    threading.Thread(target=run_live, args=(live_port,), daemon=True).start()
    front = Front(folder / "front", free_port(), web.server_port, live_port, folder / "static", folder / "media")
    text = io.StringIO()
    with Supervisor(Log(text), folder / "register.json") as supervisor:
        supervisor.start(front.program())
        assert eventually(lambda: answers(front.port) and answers(live_port)), text.getvalue()
        yield Ground(front.port, text, folder)
    web.server_close()


def test_front_answers_anonymous_readers_from_its_cache_for_a_second(ground: Ground) -> None:
    first = ground.ask("/list?a=1")
    assert ground.ask("/list?a=1").number == first.number
    assert ground.ask("/list?a=2").number != first.number
    time.sleep(2.1)  # nginx counts whole seconds
    assert ground.ask("/list?a=1").number > first.number


@pytest.mark.parametrize(
    "headers", [{"Cookie": "sessionid=1"}, {"Cookie": "csrftoken=a; x=1"}, {"Authorization": "Bearer x"}]
)
def test_front_never_answers_somebody_from_the_cache(ground: Ground, headers: dict[str, str]) -> None:
    path = f"/mine/{headers}".replace(" ", "")
    first = ground.ask(path).number
    mine = ground.ask(path, **headers).number
    assert mine > first
    assert ground.ask(path).number == first


def test_front_keeps_nothing_that_was_made_for_a_cookie(ground: Ground) -> None:
    mine = ground.ask("/with-token", Cookie="csrftoken=abc").number
    assert ground.ask("/with-token").number > mine


def test_front_lets_a_lone_csrf_cookie_read_the_cache(ground: Ground) -> None:
    first = ground.ask("/plain").number
    assert ground.ask("/plain", Cookie="csrftoken=abc").number == first


@pytest.mark.parametrize("path", ["/form", "/private", "/healthz/ready"])
def test_front_does_not_cache_what_web_keeps_to_itself(ground: Ground, path: str) -> None:
    assert ground.ask(path).number < ground.ask(path).number


def test_front_does_not_cache_a_post(ground: Ground) -> None:
    assert ground.ask("/p", "POST", b"x").number < ground.ask("/p", "POST", b"x").number


@pytest.mark.parametrize("path", ["/metrics", "/metrics/", "//metrics", "/%6detrics", "/x/../metrics"])
def test_front_refuses_metrics(ground: Ground, path: str) -> None:
    assert ground.ask(path).status == 403


def test_front_passes_on_its_own_word_about_the_client(ground: Ground) -> None:
    passed = ground.ask("/who", X_Forwarded_For="6.6.6.6", X_Forwarded_Proto="https", X_Forwarded_Host="evil").passed
    assert passed["X-Forwarded-For"] == "127.0.0.1"
    assert passed["X-Forwarded-Proto"] == "http"
    assert "X-Forwarded-Host" not in passed


def test_front_gives_each_request_an_id_and_passes_it_on(ground: Ground) -> None:
    answer = ground.ask("/id")
    given = answer.header("X-Request-ID")
    assert given is not None
    assert re.fullmatch(r"[0-9a-f]{32}", given)
    assert answer.passed["X-Request-ID"] == given


@pytest.mark.parametrize(
    ("sent", "kept"),
    [("mobile-app-12345", True), ("mobile.app_1234567", True), ("short", False), ("with space and more", False)],
)
def test_front_takes_a_harmless_id_from_the_client(ground: Ground, sent: str, kept: bool) -> None:  # noqa: FBT001
    assert (ground.ask(f"/id/{kept}/{len(sent)}", X_Request_ID=sent).passed["X-Request-ID"] == sent) is kept


def test_front_compresses(ground: Ground) -> None:
    answer = ground.ask("/squeezed", Accept_Encoding="gzip")
    assert answer.header("Content-Encoding") == "gzip"
    assert answer.header("Vary") == "Accept-Encoding"


def test_front_does_not_tell_its_version(ground: Ground) -> None:
    assert ground.ask("/").header("Server") == "nginx"


@pytest.mark.parametrize(
    ("file", "caching"),
    [("app.0123456789ab.css", "public, max-age=31536000, immutable"), ("plain.css", "no-cache")],
)
def test_front_lets_browsers_keep_hashed_static_files(ground: Ground, file: str, caching: str) -> None:
    answer = ground.ask(f"/static/{file}")
    assert (answer.status, answer.body) == (200, f"this is static/{file}".encode())
    assert answer.header("Cache-Control") == caching
    assert answer.header("X-Content-Type-Options") == "nosniff"
    assert answer.header("Content-Type") == "text/css"


def test_front_serves_photos_as_photos_only(ground: Ground) -> None:
    answer = ground.ask("/media/a.webp")
    assert (answer.status, answer.header("Content-Type")) == (200, "image/webp")
    assert answer.header("X-Content-Type-Options") == "nosniff"
    assert answer.header("Content-Security-Policy") == "default-src 'none'; sandbox"
    assert answer.header("Cache-Control") == "private, max-age=2592000, immutable"


def test_front_forgets_a_deleted_photo_at_once(ground: Ground) -> None:
    photo = ground.folder / "media/public/gone.webp"
    photo.write_text("a face")
    assert ground.ask("/media/gone.webp").body == b"a face"
    photo.unlink()
    assert ground.ask("/media/gone.webp").status == 404


@pytest.mark.parametrize("path", ["/media/../private/b.webp", "/media/..%2fprivate/b.webp", "/media../private/b.webp"])
def test_front_never_serves_an_original(ground: Ground, path: str) -> None:
    assert b"this is" not in ground.ask(path).body


def test_front_passes_sockets_to_live(ground: Ground) -> None:
    with connect(f"ws://127.0.0.1:{ground.port}/ws/map/") as socket:
        socket.send("hello")
        assert socket.recv() == "hello"


def test_front_asks_for_a_socket_where_only_sockets_are(ground: Ground) -> None:
    assert ground.ask("/ws/map/").status == 426


def test_front_passes_on_long_headers(ground: Ground) -> None:
    assert ground.ask("/far/away").status == 200


def test_front_refuses_what_is_too_large(ground: Ground) -> None:
    length = str(41 * 1024 * 1024)
    page = ground.ask("/signaler/", "POST", Content_Length=length)
    assert (page.status, "Cet envoi est trop lourd" in page.body.decode()) == (413, True)
    problem = ground.ask("/api/v1/reports/", "POST", Content_Length=length)
    assert (problem.header("Content-Type"), json.loads(problem.body)["status"]) == ("application/problem+json", 413)


def test_front_logs_no_token_and_no_address(ground: Ground) -> None:
    ground.ask("/suivi/s3cret-token/")
    ground.ask("/envois/s3cret-token/stop/")
    ground.ask("/compte/donnees/s3cret-token/")
    ground.ask("/en/suivi/s3cret-token/")
    assert eventually(lambda: "GET /en/suivi/" in ground.text.getvalue())
    assert "s3cret" not in ground.text.getvalue()
    assert "127.0.0.1" not in ground.text.getvalue()


def test_front_without_web_says_so_in_two_languages(tmp_path: Path) -> None:
    front = Front(tmp_path / "front", free_port(), free_port(), free_port(), tmp_path, tmp_path)
    text = io.StringIO()
    with Supervisor(Log(text), tmp_path / "register.json") as supervisor:
        supervisor.start(front.program())
        assert eventually(lambda: answers(front.port)), text.getvalue()
        ground = Ground(front.port, text, tmp_path)
        page = ground.ask("/")
        assert page.status == 502
        assert "Le portail revient dans un instant" in page.body.decode()
        assert "The portal will be back in a moment" in page.body.decode()
        problem = ground.ask("/api/v1/reports/")
        assert problem.header("Content-Type") == "application/problem+json"
        assert json.loads(problem.body)["status"] == 502
