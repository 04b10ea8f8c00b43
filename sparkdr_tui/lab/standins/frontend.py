"""The frontend: `npm` installs, builds and starts a Next.js that serves one page; `node` says its version."""

from __future__ import annotations

import argparse
import asyncio
import html
import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sparkdr_tui.lab.standins import web
from sparkdr_tui.lab.standins.backend import read_env_file
from sparkdr_tui.lab.standins.node import inner_port, online
from sparkdr_tui.lab.standins.terminal import err, out, split_options

NODE_VERSION = "v22.12.0"
_NPM_VERSION = "10.9.0"
_PORT = 3000
_SETTING = "NEXT_PUBLIC_API_URL"
_INSTALL_SECONDS = 0.3
_BUILD_SECONDS = 0.5
_PAGE = Path(".next/server/app/index.html")


def node(arguments: list[str]) -> int:
    """`node --version`."""
    if arguments and arguments[0] in ("--version", "-v"):
        out(NODE_VERSION)
        return 0
    err("node: the lab's Node.js only says its version")
    return 1


def npm(arguments: list[str]) -> int:
    """`npm install|ci|run SCRIPT|start|--version`."""
    options, operands = split_options(arguments)
    command, rest = (operands[0], arguments[arguments.index(operands[0]) + 1 :]) if operands else ("", [])
    if not command:
        out(_NPM_VERSION if options & {"--version", "-v"} else "npm <command>")
        return 0 if options else 1
    if "-g" in options or "--global" in options:
        return _install_globally()
    package = _package()
    if package is None:
        path = Path("package.json").absolute()
        err(f"npm error code ENOENT\nnpm error syscall open\nnpm error path {path}\nnpm error errno -2")
        err(f"npm error enoent Could not read package.json: Error: ENOENT: no such file or directory, open '{path}'")
        return 254
    if command in ("install", "i", "ci"):
        return _install(command, package)
    if command == "start":
        return _run("start", package, rest)
    if command in ("run", "run-script") and rest:
        return _run(rest[0], package, rest[1:])
    err(f'Unknown command: "{command}"\n\nTo see a list of supported npm commands, run:\n  npm help')
    return 1


def _package() -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads(Path("package.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return found


def _install(command: str, package: Mapping[str, Any]) -> int:
    if command == "ci" and not Path("package-lock.json").is_file():
        err("npm error code EUSAGE\nnpm error\nnpm error The `npm ci` command can only install with an existing")
        err("npm error package-lock.json or npm-shrinkwrap.json with lockfileVersion >= 1.")
        return 1
    if not online():
        err("npm error code ENOTFOUND\nnpm error syscall getaddrinfo\nnpm error errno ENOTFOUND")
        err("npm error network request to https://registry.npmjs.org/next failed, reason: getaddrinfo ENOTFOUND")
        return 1
    install(Path(), package)
    time.sleep(_INSTALL_SECONDS)
    count = len(_dependencies(package))
    out(f"\nadded {count} packages, and audited {count + 1} packages in 2s\n\nfound 0 vulnerabilities")
    return 0


def install(folder: Path, package: Mapping[str, Any]) -> None:
    """Make `node_modules`, and the lock file unless the checkout brings it."""
    modules = folder / "node_modules"
    for name, version in _dependencies(package).items():
        (modules / name).mkdir(parents=True, exist_ok=True)
        (modules / name / "package.json").write_text(json.dumps({"name": name, "version": version}))
    (modules / ".package-lock.json").write_text("{}")
    lock = folder / "package-lock.json"
    if not lock.exists():
        lock.write_text(lock_file(package))


def lock_file(package: Mapping[str, Any]) -> str:
    """`package-lock.json` as npm would write it, without the packages' addresses."""
    packages = {f"node_modules/{name}": {"version": version} for name, version in _dependencies(package).items()}
    head = {"name": package["name"], "version": package["version"], "lockfileVersion": 3, "requires": True}
    return json.dumps({**head, "packages": packages}, indent=2) + "\n"


def build(folder: Path) -> None:
    """Make `.next` from the sources and `.env.local`."""
    api = read_env_file(folder / ".env.local").get(_SETTING, "")
    page = folder / _PAGE
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(
        '<!DOCTYPE html><html lang="ko"><head><title>Sparklio</title></head>'
        f'<body data-api="{html.escape(api)}"><h1>Sparklio</h1><p>AI Marketing Studio</p></body></html>'
    )
    (folder / ".next" / "BUILD_ID").write_text("lab" + str(int(time.time())))


def _dependencies(package: Mapping[str, Any]) -> dict[str, str]:
    return {**package.get("dependencies", {}), **package.get("devDependencies", {})}


def _install_globally() -> int:
    out("\nadded 1 package in 1s")
    return 0


def _run(script: str, package: Mapping[str, Any], rest: list[str]) -> int:
    line = package.get("scripts", {}).get(script)
    if line is None:
        err(f'npm error Missing script: "{script}"\nnpm error\nnpm error To see a list of scripts, run:')
        err("npm error   npm run")
        return 1
    out(f"\n> {package['name']}@{package['version']} {script}\n> {line}\n")
    if line.startswith("next") and not Path("node_modules/next").is_dir():
        err("sh: next: command not found")
        return 127
    if line == "next build":
        return _build()
    if line == "next start":
        return _start(rest[1:] if rest[:1] == ["--"] else rest)
    return 0


def _build() -> int:
    out("  ▲ Next.js 14.2.21")
    if not read_env_file(Path(".env.local")).get(_SETTING):
        err(f"Error: {_SETTING} is not set\n    at Object.<anonymous> ({Path('next.config.js').absolute()}:2:9)")
        return 1
    out("  - Environments: .env.local\n\n   Creating an optimized production build ...")
    time.sleep(_BUILD_SECONDS)
    build(Path())
    out(" ✓ Compiled successfully\n   Linting and checking validity of types ...\n   Collecting page data ...")
    out(" ✓ Generating static pages (4/4)\n   Finalizing page optimization ...\n")
    out("Route (app)                              Size     First Load JS")
    out("┌ ○ /                                    5.2 kB         92.3 kB")
    out("└ ○ /_not-found                          871 B            88 kB\n")
    out("○  (Static)  prerendered as static content\n")
    return 0


def _start(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser("next start")
    parser.add_argument("--port", "-p", type=int, default=int(os.environ.get("PORT") or _PORT))
    parser.add_argument("--hostname", "-H", default="127.0.0.1")
    options = parser.parse_args(arguments)
    port = inner_port("frontend", _PORT) if options.port == _PORT else options.port
    out(f"  ▲ Next.js 14.2.21\n  - Local:        http://{options.hostname}:{port}\n\n ✓ Starting...")
    if not Path(".next/BUILD_ID").is_file():
        err(
            "Error: Could not find a production build in the '.next' directory. "
            "Try building your app with 'next build' before starting the production server. "
            "https://nextjs.org/docs/messages/production-start-no-build-id"
        )
        return 1
    if not read_env_file(Path(".env.local")).get(_SETTING):
        err(f"Error: {_SETTING} is not set\n    at Object.<anonymous> ({Path('next.config.js').absolute()}:2:9)")
        return 1
    try:
        asyncio.run(web.serve(options.hostname, port, _page, lambda *_: None, lambda: out(" ✓ Ready in 287ms")))
    except OSError:
        err(f" ⨯ Failed to start server\nError: listen EADDRINUSE: address already in use {options.hostname}:{port}")
        return 1
    return 0


async def _page(request: web.Request) -> web.Answer:
    if request.path != "/":
        return web.Answer(
            404, b"<!DOCTYPE html><html><body>404: This page could not be found.</body></html>", "text/html"
        )
    try:
        return web.Answer(200, await asyncio.to_thread(_PAGE.read_bytes), "text/html; charset=utf-8")
    except OSError:
        return web.Answer(500, b"Internal Server Error", "text/plain")
