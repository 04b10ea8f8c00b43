"""The backend: `uvicorn app.main:app`, whose health is the health of PostgreSQL, Redis, S3 and Ollama."""

from __future__ import annotations

import argparse
import asyncio
import functools
import os
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from sparkdr_tui.lab.standins import dependencies, postgres_wire, web

SETTINGS = ("DATABASE_URL", "REDIS_URL", "S3_URL", "S3_ACCESS_KEY", "S3_SECRET_KEY", "OLLAMA_URL")
_DEADLINE = 2.0
_TABLES = "SELECT (SELECT count(*) FROM users), EXISTS (SELECT FROM workflows), EXISTS (SELECT FROM agents)"


def uvicorn(arguments: list[str]) -> int:
    """`uvicorn MODULE:APP --host H --port P`."""
    if arguments == ["--version"]:
        sys.stdout.write("Running uvicorn 0.34.0 with CPython 3.11.11 on Darwin\n")
        return 0
    options = _options(arguments)
    module = options.app.partition(":")[0]
    if not Path(module.replace(".", "/")).with_suffix(".py").is_file():
        _log("ERROR", f'Error loading ASGI app. Could not import module "{module}".')
        return 1
    settings = read_env_file(Path(".env"))
    missing = [name for name in SETTINGS if not settings.get(name)]
    if missing:
        sys.stderr.write(_validation_error(missing))
        return 1
    return asyncio.run(_serve(options.host, options.port, settings))


def read_env_file(path: Path) -> dict[str, str]:
    """The values of a `.env` file; nothing when it is not there."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return {}
    pairs = (line.strip().removeprefix("export ").partition("=") for line in lines if not line.lstrip().startswith("#"))
    return {name.strip(): value.strip().strip("\"'") for name, equals, value in pairs if equals}


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("uvicorn")
    parser.add_argument("app")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    for ignored in ("--workers", "--log-level", "--env-file", "--timeout-graceful-shutdown"):
        parser.add_argument(ignored)
    for ignored in ("--reload", "--proxy-headers", "--access-log", "--no-access-log", "--no-use-colors"):
        parser.add_argument(ignored, action="store_true")
    return parser.parse_args(arguments)


async def _serve(host: str, port: int, settings: Mapping[str, str]) -> int:
    pool = dependencies.Pool(settings["DATABASE_URL"])
    _log("INFO", f"Started server process [{os.getpid()}]")
    _log("INFO", "Waiting for application startup.")
    opening = asyncio.ensure_future(_answered(pool.query("SELECT 1")))
    _log("INFO", "Application startup complete.")
    status = 0
    try:
        await web.serve(
            host,
            port,
            functools.partial(_handle, settings, pool),
            _access_log,
            lambda: _log("INFO", f"Uvicorn running on http://{host}:{port} (Press CTRL+C to quit)"),
        )
        _log("INFO", "Shutting down")
    except OSError as error:
        _log("ERROR", str(error))
        status = 1
    _log("INFO", "Waiting for application shutdown.")
    opening.cancel()
    pool.close()
    _log("INFO", "Application shutdown complete.")
    if not status:
        _log("INFO", f"Finished server process [{os.getpid()}]")
    return status


async def _handle(settings: Mapping[str, str], pool: dependencies.Pool, request: web.Request) -> web.Answer:
    questions = _questions(settings, pool).get(request.path)
    if request.path in ("/", "/docs"):
        return web.json_answer({"name": "Sparklio V4 API", "version": "4.0.0"})
    if questions is None:
        return web.not_found()
    if request.method not in ("GET", "HEAD"):
        return web.json_answer({"detail": "Method Not Allowed"}, 405)
    answers = await asyncio.gather(*(_answered(ask()) for ask in questions.values()))
    checks = dict(zip(questions, answers, strict=True))
    failed = [name for name, check in checks.items() if check["status"] != "up"]
    if failed:
        return web.json_answer({"status": "unhealthy", "failed": failed, "checks": checks}, 503)
    return web.json_answer({"status": "healthy", "checks": checks})


def _questions(
    settings: Mapping[str, str], pool: dependencies.Pool
) -> dict[str, dict[str, Callable[[], Awaitable[dict[str, Any]]]]]:
    """For each health path, which dependency is asked what."""

    async def postgresql() -> dict[str, Any]:
        return {"users": int((await pool.query(_TABLES))[0][0] or 0)}

    async def redis() -> dict[str, Any]:
        await dependencies.redis_ping(settings["REDIS_URL"])
        return {}

    async def s3() -> dict[str, Any]:
        keys = settings["S3_ACCESS_KEY"], settings["S3_SECRET_KEY"]
        return {"buckets": await dependencies.s3_buckets(settings["S3_URL"], *keys)}

    async def ollama() -> dict[str, Any]:
        return {"models": await dependencies.ollama_models(settings["OLLAMA_URL"])}

    return {
        "/health": {"postgresql": postgresql, "redis": redis},
        "/api/v1/assets/health": {"s3": s3},
        "/api/v1/router/health": {"ollama": ollama},
    }


async def _answered(question: Awaitable[Any]) -> dict[str, Any]:
    """What a dependency said within the deadline, or what is wrong with it: never a hang, never an exception."""
    try:
        async with asyncio.timeout(_DEADLINE):
            found = await question
    except TimeoutError:
        return {"status": "down", "error": f"no answer within {_DEADLINE:g} s"}
    except (OSError, EOFError, ValueError, LookupError, dependencies.Unhealthy, postgres_wire.ServerSaid) as error:
        return {"status": "down", "error": str(error) or type(error).__name__}
    return {"status": "up"} | (found if isinstance(found, dict) else {})


def _log(level: str, message: str) -> None:
    sys.stderr.write(f"{level + ':':<9} {message}\n")
    sys.stderr.flush()


def _access_log(request: web.Request, answer: web.Answer) -> None:
    words = f'"{request.method} {request.path} HTTP/1.1" {answer.status} {answer.reason}'
    sys.stdout.write(f"INFO:     {request.client} - {words}\n")
    sys.stdout.flush()


def _validation_error(missing: list[str]) -> str:
    """What pydantic-settings says when `.env` is not there or lacks values."""
    app = Path("app").resolve()
    fields = "".join(
        f"{name}\n  Field required [type=missing, input_value={{}}, input_type=dict]\n" for name in missing
    )
    return (
        "Traceback (most recent call last):\n"
        f'  File "{app / "main.py"}", line 5, in <module>\n    from app.core.config import settings\n'
        f'  File "{app / "core" / "config.py"}", line 22, in <module>\n    settings = Settings()\n'
        "               ^^^^^^^^^^\n"
        f"pydantic_core._pydantic_core.ValidationError: {len(missing)} validation error{'s' * (len(missing) > 1)}"
        f" for Settings\n{fields}"
    )
