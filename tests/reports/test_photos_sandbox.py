"""The child process that decodes a photo, and what becomes of its end."""

import json
import multiprocessing
import signal
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from reports.photos import PhotoRefused, PhotoWorkerFailed, Refusal, Variants, make_variants, sandbox
from tests.reports.photo_samples import display_p3, encoded, exif, street


def variants_of(data: bytes) -> Variants:
    return make_variants(BytesIO(data))


def refusal(data: bytes) -> Refusal:
    with pytest.raises(PhotoRefused) as refused:
        variants_of(data)
    return refused.value.code


def test_make_variants_reads_a_path(tmp_path: Path) -> None:
    path = tmp_path / "photo"
    path.write_bytes(encoded(street()))
    assert list(make_variants(path).files) == [320]


def test_make_variants_refuses_what_grew_too_large() -> None:
    assert refusal(encoded(street()) + bytes(13 * 1024 * 1024)) == Refusal.TOO_LARGE


def test_make_variants_refuses_what_cannot_be_decoded() -> None:
    assert refusal(encoded(street())[:-500]) == Refusal.TRUNCATED


def test_make_variants_works_in_a_daemonic_process() -> None:
    """A prefork Celery worker is one: it may not have multiprocessing children."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_send_widths, args=(theirs,), daemon=True)
    process.start()
    assert ours.poll(30)
    assert ours.recv() == [320]
    process.join()


def _send_widths(connection: Any) -> None:
    connection.send(list(variants_of(encoded(street())).files))


def _replace_child(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    run = subprocess.run

    def other(_command: list[str], **options: Any) -> subprocess.CompletedProcess[bytes]:
        return run([sys.executable, "-c", program], **options)

    monkeypatch.setattr(subprocess, "run", other)


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (signal.SIGXCPU, Refusal.TOO_HEAVY),
        (signal.SIGSEGV, Refusal.UNREADABLE),
        (signal.SIGABRT, Refusal.UNREADABLE),
        (signal.SIGTRAP, Refusal.UNREADABLE),
    ],
)
def test_a_decoder_that_crashes_is_a_refusal(
    monkeypatch: pytest.MonkeyPatch, number: signal.Signals, code: Refusal
) -> None:
    program = f"import os, resource; resource.setrlimit(resource.RLIMIT_CORE, (0, 0)); os.kill(os.getpid(), {number})"
    _replace_child(monkeypatch, program)
    assert refusal(encoded(street())) == code


@pytest.mark.parametrize(
    "program",
    [
        "import os; os.kill(os.getpid(), 9)",
        "raise ImportError",
        "print('nonsense')",
        "print('[]')",
        "print('{}')",
        'print(\'{"refused": "because"}\')',
        'print(\'{"width": 1, "height": 1, "phash": "0", "pictures": [[1, 1, 4]]}\\nRIFF\')',
        "print('{\"pictures\": [[1, 1, -1]]}')",
    ],
)
def test_a_fault_of_the_machine_is_worth_another_try(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    _replace_child(monkeypatch, program)
    with pytest.raises(PhotoWorkerFailed):
        variants_of(encoded(street()))


BARE = {"width": 20, "height": 20, "phash": "0" * 16}


@pytest.mark.parametrize(
    ("marks", "size"), [({"exif": exif(orientation=6)}, 20), ({"icc_profile": display_p3()}, 20), ({}, 21)]
)
def test_the_decoder_is_not_believed(monkeypatch: pytest.MonkeyPatch, marks: dict[str, bytes], size: int) -> None:
    data = encoded(street(20, 20), "WebP", **marks)
    head = json.dumps({**BARE, "pictures": [[size, 20, len(data)]]}).encode() + b"\n"
    _replace_child(monkeypatch, f"import sys; sys.stdout.buffer.write({head + data!r})")
    with pytest.raises(PhotoWorkerFailed):
        variants_of(encoded(street()))


def test_a_decoder_that_hangs_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "CHILD_WALL_SECONDS", 0.5)
    _replace_child(monkeypatch, "import time; time.sleep(60)")
    with pytest.raises(PhotoWorkerFailed):
        variants_of(encoded(street()))


def test_the_decoder_learns_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FMQ_SECRET_KEY", "s3cret")
    _replace_child(monkeypatch, "import os, signal; os.kill(os.getpid(), 'FMQ_SECRET_KEY' in os.environ and 9 or 11)")
    assert refusal(encoded(street())) == Refusal.UNREADABLE


LIMITED = "from reports.photos.child import _limit_ourselves as limit; limit();"


def test_the_decoder_cannot_fill_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    _replace_child(monkeypatch, LIMITED + "import os; [os.write(1, bytes(9_000_000)) for _ in range(3)]")
    with pytest.raises(PhotoWorkerFailed, match="status 1"):
        variants_of(encoded(street()))


def test_the_decoder_cannot_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    greedy = '\ntry:\n bytearray(380 * 1024 * 1024)\nexcept MemoryError:\n print(\'{"refused": "too_heavy"}\')'
    _replace_child(monkeypatch, LIMITED + greedy)
    assert refusal(encoded(street())) == Refusal.TOO_HEAVY
