"""`curl`, `ps`, `shasum` as far as runbooks use them, for a machine that lacks the real ones (a slim container)."""

from __future__ import annotations

import hashlib
import sys
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sparkdr_tui.lab.standins.terminal import err, out

_PROC = Path("/proc")


# -- curl --------------------------------------------------------------------------------------------


@dataclass(slots=True)
class CurlOptions:
    """What was asked of curl."""

    url: str = ""
    output: str = ""
    method: str = ""
    body: bytes | None = None
    write_out: str = ""
    deadline: float = 300.0
    headers: dict[str, str] = field(default_factory=dict)
    flags: set[str] = field(default_factory=set)


_WITH_VALUE = {
    "-o": "output", "--output": "output", "-X": "method", "--request": "method", "-m": "deadline",
    "--max-time": "deadline", "--connect-timeout": "deadline", "-w": "write_out", "--write-out": "write_out",
    "-d": "body", "--data": "body", "-H": "headers", "--header": "headers",
}  # fmt: skip


def curl_options(arguments: Sequence[str]) -> CurlOptions:
    """The command line, short options apart (`-fsSL` is four)."""
    found = CurlOptions()
    words = iter(arguments)
    for word in words:
        if word in _WITH_VALUE:
            _set(found, _WITH_VALUE[word], next(words, ""))
        elif word.startswith("--"):
            found.flags.add(word)
        elif word.startswith("-") and len(word) > 1:
            for at, letter in enumerate(word[1:], 1):
                if f"-{letter}" in _WITH_VALUE:
                    _set(found, _WITH_VALUE[f"-{letter}"], word[at + 1 :] or next(words, ""))
                    break
                found.flags.add(f"-{letter}")
        else:
            found.url = word if "://" in word else f"http://{word}"
    return found


def _set(options: CurlOptions, name: str, value: str) -> None:
    if name == "headers":
        key, _, content = value.partition(":")
        options.headers[key.strip()] = content.strip()
    elif name == "deadline":
        options.deadline = float(value)
    elif name == "body":
        options.body = value.encode()
    else:
        setattr(options, name, value)


def curl(arguments: list[str]) -> int:
    """`curl [-fsSLi] [-o FILE] [-m SECONDS] [-w FORMAT] [-X METHOD] [-H HEADER] [-d DATA] URL`."""
    options = curl_options(arguments)
    head = options.flags & {"-I", "--head"}
    method = options.method or ("HEAD" if head else "POST" if options.body is not None else "GET")
    request = urllib.request.Request(options.url, options.body, options.headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=options.deadline) as answer:
            status, body, headers = int(getattr(answer, "status", 0) or 0), answer.read(), str(answer.headers)
    except urllib.error.HTTPError as error:
        status, body, headers = error.code, error.read(), str(error.headers)
    except (OSError, ValueError) as error:
        return _curl_failed(options, error)
    if options.flags & {"-f", "--fail"} and status >= 400:
        return _complain(options, 22, f"The requested URL returned error: {status}")
    if head or options.flags & {"-i", "--include"}:
        body = f"HTTP/1.1 {status}\r\n{headers.strip()}\r\n\r\n".encode() + body
    if options.output:
        Path(options.output).write_bytes(body)
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(body)
        sys.stdout.buffer.flush()
    sys.stdout.write(options.write_out.replace("%{http_code}", f"{status:03d}").replace("\\n", "\n"))
    return 0


def _curl_failed(options: CurlOptions, error: Exception) -> int:
    cause = getattr(error, "reason", error)
    sys.stdout.write(options.write_out.replace("%{http_code}", "000").replace("\\n", "\n"))
    if isinstance(cause, TimeoutError):
        return _complain(options, 28, "Operation timed out")
    if isinstance(cause, FileNotFoundError):
        return _complain(options, 37, f"Couldn't open file {options.url}")
    if isinstance(cause, ConnectionRefusedError):
        return _complain(options, 7, f"Failed to connect to {options.url}: Connection refused")
    return _complain(options, 6 if "Name" in str(cause) else 56, str(cause))


def _complain(options: CurlOptions, status: int, message: str) -> int:
    if not options.flags & {"-s", "--silent"} or options.flags & {"-S", "--show-error"}:
        err(f"curl: ({status}) {message}")
    return status


# -- ps ----------------------------------------------------------------------------------------------


def ps(arguments: list[str]) -> int:
    """`ps -p PID[,PID] -o pid=,command=`, `ps -axo pid,command`."""
    wanted: list[int] | None = None
    columns, words = "pid,command", iter(arguments)
    for word in words:
        if word == "-p":
            wanted = [int(pid) for pid in next(words, "").split(",") if pid.isdigit()]
        elif word.startswith("-") and word.endswith("o"):
            columns = next(words, columns)
    names = [name.strip() for name in columns.split(",")]
    if not all(name.endswith("=") for name in names):
        out(" ".join(name.rstrip("=").upper() for name in names))
    found = 0
    for pid in wanted if wanted is not None else sorted(int(p.name) for p in _PROC.iterdir() if p.name.isdigit()):
        if fields := process_fields(pid):
            out(" ".join(fields.get(name.rstrip("="), "-") for name in names))
            found += 1
    return 0 if found else 1


def process_fields(pid: int) -> dict[str, str]:
    """What is known of a process; nothing when it is gone or only waits to be buried."""
    folder = _PROC / str(pid)
    try:
        command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        name, _, rest = (folder / "stat").read_text(errors="replace").partition("(")[2].rpartition(")")
    except OSError:
        return {}
    words = rest.split()
    fields = {"pid": str(pid), "ppid": words[1], "pgid": words[2], "stat": words[0], "state": words[0], "comm": name}
    return fields | {"command": command or f"[{name}]", "args": command or f"[{name}]"}


# -- shasum ------------------------------------------------------------------------------------------


def shasum(arguments: list[str]) -> int:
    """`shasum [-a 256] [-c] [FILE…]`."""
    algorithm, check, files = "1", False, []
    words = iter(arguments)
    for word in words:
        if word in ("-a", "--algorithm"):
            algorithm = next(words, "256")
        elif word in ("-c", "--check"):
            check = True
        elif word == "-" or not word.startswith("-"):
            files.append(word)
    if check:
        return max((_check(name, f"sha{algorithm}") for name in files), default=1)
    for name in files or ["-"]:
        out(f"{_digest(name, f'sha{algorithm}')}  {name}")
    return 0


def _check(listing: str, algorithm: str) -> int:
    failed = 0
    for line in Path(listing).read_text().splitlines():
        digest, _, name = line.partition("  ")
        good = Path(name).is_file() and _digest(name, algorithm) == digest
        out(f"{name}: {'OK' if good else 'FAILED'}")
        failed += not good
    if failed:
        err(f"shasum: WARNING: {failed} computed checksum did NOT match")
    return 1 if failed else 0


def _digest(name: str, algorithm: str) -> str:
    if name == "-":
        return hashlib.new(algorithm, sys.stdin.buffer.read()).hexdigest()
    with Path(name).open("rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest()
