"""The HTTP stand-ins as real processes: what they say when what they depend on is missing, hangs, or is in the way."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sparkdr_tui.lab.standins import furnish, make_repositories

DEADLINE = 15.0
Start = Callable[..., "subprocess.Popen[str]"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def stand_in(*words: str) -> list[str]:
    return [sys.executable, "-I", "-m", "sparkdr_tui.lab.standins", *words]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a process whose home and folder are the test's own; it is ended with the test."""
    running: list[subprocess.Popen[str]] = []
    outside = {key: value for key, value in os.environ.items() if not key.startswith(("SPARKDR_", "OLLAMA_", "MINIO_"))}

    def begin(words: list[str], cwd: Path = tmp_path, **env: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            words,
            cwd=cwd,
            env=outside | {"HOME": str(tmp_path)} | env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        running.append(process)
        return process

    yield begin
    for process in running:
        if process.poll() is None:
            process.kill()
        process.communicate()


def ask(port: int, path: str, method: str = "GET", body: str | None = None) -> tuple[int, bytes]:
    """The answer of a server that may only just be starting."""
    deadline = time.monotonic() + DEADLINE
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE)
        try:
            connection.request(method, path, body)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except ConnectionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        finally:
            connection.close()


def finished(process: subprocess.Popen[str]) -> tuple[int, str]:
    said, _ = process.communicate(timeout=DEADLINE)
    return process.returncode, said


@contextlib.contextmanager
def server_that_accepts_and_says_nothing() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0), backlog=50) as silent:
        held: list[socket.socket] = []

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    held.append(silent.accept()[0])

        threading.Thread(target=accept, daemon=True).start()
        yield int(silent.getsockname()[1])
        for each in held:
            each.close()


# -- the backend -------------------------------------------------------------------------------------


def backend_folder(folder: Path, **settings: str) -> Path:
    (folder / "app").mkdir(parents=True)
    (folder / "app" / "main.py").touch()
    if settings:
        (folder / ".env").write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
    return folder


def settings(port: int) -> dict[str, str]:
    return {
        "DATABASE_URL": f"postgresql://sparklio_user:secret@127.0.0.1:{port}/sparklio_v4",
        "REDIS_URL": f"redis://127.0.0.1:{port}/0",
        "S3_URL": f"http://127.0.0.1:{port}",
        "S3_ACCESS_KEY": "access",
        "S3_SECRET_KEY": "secret",
        "OLLAMA_URL": f"http://127.0.0.1:{port}",
    }


def uvicorn(port: int) -> list[str]:
    return stand_in("uvicorn", "app.main:app", "--host", "127.0.0.1", "--port", str(port))


@pytest.mark.parametrize(
    ("path", "failed"),
    [
        ("/health", ["postgresql", "redis"]),
        ("/api/v1/assets/health", ["s3"]),
        ("/api/v1/router/health", ["ollama"]),
    ],
)
def test_the_backend_says_which_dependency_is_down(start: Start, tmp_path: Path, path: str, failed: list[str]) -> None:
    port = free_port()
    start(uvicorn(port), backend_folder(tmp_path / "backend", **settings(free_port())))
    status, body = ask(port, path)
    assert status == 503
    assert json.loads(body)["failed"] == failed
    assert b"secret" not in body


def test_a_dependency_that_hangs_gives_503_within_its_deadline(start: Start, tmp_path: Path) -> None:
    port = free_port()
    with server_that_accepts_and_says_nothing() as silent:
        start(uvicorn(port), backend_folder(tmp_path / "backend", **settings(silent)))
        assert ask(port, "/")[0] == 200
        for path in ("/health", "/api/v1/assets/health", "/api/v1/router/health"):
            began = time.monotonic()
            status, body = ask(port, path)
            assert status == 503
            assert time.monotonic() - began < 4
            assert all(check["error"] == "no answer within 2 s" for check in json.loads(body)["checks"].values())


def test_the_backend_ends_cleanly_on_sigterm(start: Start, tmp_path: Path) -> None:
    port = free_port()
    process = start(uvicorn(port), backend_folder(tmp_path / "backend", **settings(free_port())))
    ask(port, "/")
    process.send_signal(signal.SIGTERM)
    status, said = finished(process)
    assert status == 0
    assert f"Started server process [{process.pid}]" in said
    assert said.rstrip().endswith(f"Finished server process [{process.pid}]")


def test_the_backend_does_not_start_without_its_settings(start: Start, tmp_path: Path) -> None:
    status, said = finished(start(uvicorn(free_port()), backend_folder(tmp_path / "backend")))
    assert status == 1
    assert "ValidationError: 6 validation errors for Settings\nDATABASE_URL\n  Field required" in said


def test_the_backend_does_not_start_on_a_port_that_is_taken(start: Start, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = int(taken.getsockname()[1])
        status, said = finished(start(uvicorn(port), backend_folder(tmp_path / "backend", **settings(free_port()))))
    assert status == 1
    assert f"error while attempting to bind on address ('127.0.0.1', {port}): address already in use" in said


def test_the_backend_does_not_start_outside_its_folder(start: Start, tmp_path: Path) -> None:
    status, said = finished(start(uvicorn(free_port())))
    assert (status, said.strip()) == (1, 'ERROR:    Error loading ASGI app. Could not import module "app.main".')


# -- Ollama ------------------------------------------------------------------------------------------


def test_ollama_pulls_lists_and_removes_a_model(start: Start, tmp_path: Path) -> None:
    port = free_port()
    address = {"OLLAMA_HOST": f"127.0.0.1:{port}"}
    start(stand_in("ollama", "serve"), **address)
    assert json.loads(ask(port, "/api/tags")[1]) == {"models": []}
    status, said = finished(start(stand_in("ollama", "pull", "mistral:7b"), **address))
    assert (status, said.splitlines()[0], said.splitlines()[-1]) == (0, "pulling manifest", "success")
    status, said = finished(start(stand_in("ollama", "list"), **address))
    assert said.splitlines()[1].split()[0] == "mistral:7b"
    assert [model["name"] for model in json.loads(ask(port, "/api/tags")[1])["models"]] == ["mistral:7b"]
    assert finished(start(stand_in("ollama", "rm", "mistral:7b"), **address)) == (0, "deleted 'mistral:7b'\n")
    assert json.loads(ask(port, "/api/tags")[1]) == {"models": []}


def test_ollama_refuses_a_model_that_is_in_no_registry(start: Start) -> None:
    port = free_port()
    start(stand_in("ollama", "serve"), OLLAMA_HOST=f"127.0.0.1:{port}")
    ask(port, "/")
    status, said = finished(start(stand_in("ollama", "pull", "nonesuch"), OLLAMA_HOST=f"127.0.0.1:{port}"))
    assert status == 1
    assert said.endswith("Error: pull model manifest: file does not exist\n")


def test_ollama_without_its_server_says_so(start: Start) -> None:
    status, said = finished(start(stand_in("ollama", "list"), OLLAMA_HOST=f"127.0.0.1:{free_port()}"))
    assert (status, said) == (1, "Error: could not connect to ollama app, is it running?\n")


# -- what is furnished: virtual environments, checkouts, builds --------------------------------------


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The homes of a lab without a lab: repositories, checkouts, environments."""
    folder = tmp_path_factory.mktemp("lab")
    make_repositories(folder / "git")
    for node in ("macmini", "desktop", "laptop"):
        (folder / "nodes" / node).mkdir(parents=True)
        furnish(node, folder / "nodes" / node)
    return folder / "nodes"


def test_repositories_are_the_same_every_time(homes: Path, tmp_path: Path) -> None:
    make_repositories(tmp_path)

    def head(bare: Path) -> str:
        return (bare / "refs" / "heads" / "main").read_text()

    for bare in sorted(tmp_path.glob("*.git")):
        assert head(bare) == head(homes.parent / "git" / bare.name)


def test_checkouts_are_clean_although_environments_and_settings_are_in_them(homes: Path) -> None:
    (homes / "macmini/sparklio_ai_marketing_studio/backend/.env").touch()
    for folder in ("macmini/sparklio_ai_marketing_studio", "laptop/sparklio_ai_marketing_studio", "desktop/ComfyUI"):
        command = ["git", "-C", str(homes / folder), "status", "--porcelain"]
        assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == ""


def test_an_environment_gets_uvicorn_only_by_installing_the_requirements(
    start: Start, homes: Path, tmp_path: Path
) -> None:
    assert finished(start(stand_in("python3.11", "-m", "venv", "venv")))[0] == 0
    assert not (tmp_path / "venv/bin/uvicorn").exists()
    missing = finished(start([str(tmp_path / "venv/bin/pip"), "install", "-r", "nothing.txt"]))
    assert missing == (
        1,
        "ERROR: Could not open requirements file: [Errno 2] No such file or directory: 'nothing.txt'\n",
    )
    requirements = homes / "macmini/sparklio_ai_marketing_studio/backend/requirements.txt"
    status, said = finished(start([str(tmp_path / "venv/bin/python"), "-m", "pip", "install", "-r", str(requirements)]))
    assert (status, said.splitlines()[-1].split()[:2]) == (0, ["Successfully", "installed"])
    assert finished(start([str(tmp_path / "venv/bin/python"), "-c", "import fastapi, dotenv"])) == (0, "")
    script = '. venv/bin/activate && command -v uvicorn && pip --version && python -c "import sys; print(sys.prefix)"'
    status, said = finished(start(["/bin/bash", "-euc", script]))
    assert status == 0
    assert said.splitlines()[0] == str(tmp_path / "venv/bin/uvicorn")
    assert said.splitlines()[-1] == str(tmp_path / "venv")


def test_comfyui_serves_from_its_checkout_and_misses_what_was_not_installed(
    start: Start, homes: Path, tmp_path: Path
) -> None:
    port, folder = free_port(), homes / "desktop/ComfyUI"
    words = ["main.py", "--listen", "127.0.0.1", "--port", str(port)]
    start([str(folder / "venv/bin/python"), *words], folder)
    assert ask(port, "/")[0] == 200
    assert json.loads(ask(port, "/system_stats")[1])["system"]["custom_nodes"] == ["comfyui_controlnet_aux"]
    finished(start(stand_in("python3", "-m", "venv", "bare")))
    status, said = finished(start([str(tmp_path / "bare/bin/python"), *words], folder))
    assert status == 1
    assert said.endswith("ModuleNotFoundError: No module named 'torch'\n")


def test_the_frontend_wants_to_be_installed_configured_and_built(start: Start, homes: Path, tmp_path: Path) -> None:
    folder = tmp_path / "frontend"
    source = homes / "laptop/sparklio_ai_marketing_studio/frontend"
    folder.mkdir()
    for name in ("package.json", "package-lock.json", "next.config.js"):
        (folder / name).write_bytes((source / name).read_bytes())

    def npm(*words: str, **env: str) -> tuple[int, str]:
        return finished(start(stand_in("npm", *words), folder, **env))

    assert npm("run", "build")[0] == 127
    assert npm("ci")[0] == 0
    status, said = npm("run", "build")
    assert (status, "NEXT_PUBLIC_API_URL is not set" in said) == (1, True)
    (folder / ".env.local").write_text("NEXT_PUBLIC_API_URL=http://127.0.0.1:8000\n")
    status, said = npm("start")
    assert (status, "Could not find a production build" in said) == (1, True)
    assert npm("run", "build")[0] == 0
    port = free_port()
    start(stand_in("npm", "run", "start"), folder, PORT=str(port))
    status, page = ask(port, "/")
    assert (status, b'data-api="http://127.0.0.1:8000"' in page) == (200, True)
    status, said = npm("start", PORT=str(port))
    assert (status, "EADDRINUSE" in said) == (1, True)


# -- MinIO -------------------------------------------------------------------------------------------


def test_minio_serves_its_folder_and_its_console_and_ends_as_one(start: Start, tmp_path: Path) -> None:
    port, console = free_port(), free_port()
    words = ("--address", f"127.0.0.1:{port}", "--console-address", f"127.0.0.1:{console}")
    keys = {"MINIO_ROOT_USER": "access-key", "MINIO_ROOT_PASSWORD": 'with "quotes" and spaces'}
    for bucket in ("kept", "lost"):
        (tmp_path / "data" / bucket).mkdir(parents=True)
    process = start(stand_in("minio", "server", str(tmp_path / "data"), *words), **keys)
    assert ask(port, "/")[0] in (400, 403)
    assert ask(console, "/")[0] == 200
    assert asked_for_buckets(port, **keys) == ["kept", "lost"]
    (tmp_path / "data" / "lost").rmdir()  # behind its back, as a disk that dies
    deadline = time.monotonic() + DEADLINE
    while asked_for_buckets(port, **keys) != ["kept"]:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait(DEADLINE)
    until_nobody_listens(console)


def asked_for_buckets(port: int, **keys: str) -> list[str]:
    import asyncio

    from sparkdr_tui.lab.standins.dependencies import s3_buckets

    return asyncio.run(s3_buckets(f"http://127.0.0.1:{port}", keys["MINIO_ROOT_USER"], keys["MINIO_ROOT_PASSWORD"]))


def until_nobody_listens(port: int) -> None:
    deadline = time.monotonic() + DEADLINE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            return
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_helpers_of_a_slim_machine_do_what_the_real_ones_do(start: Start, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("hello\n")
    status, said = finished(start(stand_in("shasum", "-a", "256", "file")))
    assert said == "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03  file\n"
    (tmp_path / "file.sha256").write_text(said)
    assert finished(start(stand_in("shasum", "-a", "256", "-c", "file.sha256"))) == (0, "file: OK\n")
    (tmp_path / "file").write_text("changed\n")
    assert finished(start(stand_in("shasum", "-a", "256", "-c", "file.sha256")))[0] == 1
    status, said = finished(start(stand_in("curl", "-fsS", (tmp_path / "file").as_uri())))
    assert (status, said) == (0, "changed\n")
    assert finished(start(stand_in("curl", "-s", "-m", "3", f"http://127.0.0.1:{free_port()}/"))) == (7, "")
    status, said = finished(start(stand_in("ps", "-p", str(os.getpid()), "-o", "pid=,command=")))
    assert (status, said.split()[0]) == (0, str(os.getpid()))
    assert finished(start(stand_in("ps", "-p", "0", "-o", "command="))) == (1, "")
