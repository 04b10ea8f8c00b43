"""How fast output gets through the sanitiser and the redactor, and a big log is opened, against plain reading.

Prints ratios and judges nothing: the machine is never a reason to fail.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from sparkdr_tui.record.logfile import LogFile
from sparkdr_tui.recover.redact import Redactor
from sparkdr_tui.text import Sanitizer

CHUNK = 1 << 16
LINES = {
    "plain": b"2026-11-23 03:04:51 COPY 40000 rows into public.workflows and on to about a hundred characters\n",
    "Korean": "2026-11-23 데이터베이스 복구 워크플로 행 복사 완료 40000\n".encode(),
    "coloured": b'\x1b[32mINFO\x1b[0m:     127.0.0.1:51234 - "GET /health HTTP/1.1" 200 OK\n',
    "Windows": b"2026-11-23 03:04:51 COPY 40000 rows into public.workflows\r\n",
    "progress": b"".join(b"%3d%%  downloading\r" % at for at in range(0, 100, 10)) + b"\n",
}


def say(line: str) -> None:
    sys.stdout.write(f"\n{line}")


def read_through(path: Path) -> None:
    with path.open("rb") as file:
        while file.read(CHUNK):
            pass


def taken(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def through(feed: Callable[[bytes], bytes], data: bytes) -> float:
    return taken(lambda: [feed(data[at : at + CHUNK]) for at in range(0, len(data), CHUNK)])


@pytest.mark.parametrize("kind", LINES)
def test_sanitising(kind: str) -> None:
    data = LINES[kind] * (30_000_000 // len(LINES[kind]))
    plain = through(lambda chunk: chunk.decode(errors="replace").encode(), data)
    ours = through(Sanitizer().feed, data)
    say(f"sanitise {kind:9} {len(data) / ours / 1e6:6.0f} MB/s · {ours / plain:5.1f} × decoding alone")


@pytest.mark.parametrize("count", [0, 1, 4])
def test_redacting(count: int) -> None:
    data = LINES["plain"] * (50_000_000 // len(LINES["plain"]))
    redactor = Redactor([f"s3cr3t-number-{at}-of-them" for at in range(count)])
    counted = through(lambda chunk: b"" if chunk.count(b"\n") else chunk, data)
    ours = through(redactor.feed, data)
    say(f"redact {count} secrets {len(data) / ours / 1e6:6.0f} MB/s · {ours / counted:5.1f} × counting lines")


def test_a_big_log(tmp_path: Path) -> None:
    path = tmp_path / "big.log"
    with path.open("wb") as file:
        for _at in range(200):
            file.write(LINES["plain"] * (1_000_000 // len(LINES["plain"])))
    wc = taken(lambda: subprocess.run(["wc", "-l", str(path)], check=True, capture_output=True))
    read = taken(lambda: read_through(path))
    log = LogFile(path)
    opened = taken(log.refresh)
    lines = taken(lambda: [log.lines(at, at + 40) for at in range(0, log.line_count, log.line_count // 1000)])
    search = taken(lambda: log.find_next("nowhere in it", 0))
    errors = taken(log.find_error)
    log.close()
    say(f"log of {log.size / 1e6:.0f} MB opened in {opened:.2f} s")
    say(f"  {opened / wc:5.1f} × wc -l, {opened / read:.1f} × reading it")
    say(f"  {search / read:5.1f} × reading it: a search through all; {errors / read:.1f}: no error found")
    say(f"  {lines:5.2f} ms for 40 lines anywhere")
