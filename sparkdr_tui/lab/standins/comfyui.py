"""ComfyUI: this file is `main.py` of the lab's ComfyUI repository, run by the Python of the virtual environment there.

It imports nothing of the project: it lives in the checkout on its own.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import signal
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
NEEDED = ("torch", "aiohttp", "safetensors")


class Handler(BaseHTTPRequestHandler):
    """The two pages that anybody asks for."""

    timeout = 10

    def do_GET(self) -> None:
        """Answer `/`, `/system_stats` and `/queue`."""
        pages = {"/system_stats": system_stats(), "/queue": {"queue_running": [], "queue_pending": []}}
        if self.path in ("/", "/index.html"):
            self._answer(
                200, "text/html", b"<!DOCTYPE html><html><head><title>ComfyUI</title></head><body></body></html>"
            )
        elif self.path in pages:
            self._answer(200, "application/json", json.dumps(pages[self.path]).encode())
        else:
            self._answer(404, "text/plain", b"404: Not Found")

    def log_message(self, format: str, *args: Any) -> None:
        """ComfyUI logs no requests."""

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def custom_nodes() -> list[str]:
    """Folders of custom nodes that are there."""
    folder = FOLDER / "custom_nodes"
    return sorted(each.name for each in folder.iterdir() if (each / "__init__.py").is_file()) if folder.is_dir() else []


def system_stats() -> dict[str, Any]:
    """What `/system_stats` says."""
    device = {"name": "cuda:0 NVIDIA GeForce RTX 4090", "type": "cuda", "index": 0, "vram_total": 25756696576}
    system = {"os": "nt", "comfyui_version": "0.3.7", "python_version": sys.version, "custom_nodes": custom_nodes()}
    return {"system": system, "devices": [device]}


def main() -> None:
    """`python main.py [--listen [ADDRESS]] [--port PORT]`."""
    for name in NEEDED:
        if importlib.util.find_spec(name) is None:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    parser = argparse.ArgumentParser()
    parser.add_argument("--listen", nargs="?", const="0.0.0.0", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8188)
    options, _ = parser.parse_known_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    say("Total VRAM 24564 MB, total RAM 65451 MB\nDevice: cuda:0 NVIDIA GeForce RTX 4090 : cudaMallocAsync")
    started = time.monotonic()
    server = ThreadingHTTPServer((options.listen, options.port), Handler)
    say("Import times for custom nodes:")
    for name in custom_nodes():
        say(f"   {time.monotonic() - started:.1f} seconds: {FOLDER / 'custom_nodes' / name}")
    say(f"Starting server\n\nTo see the GUI go to: http://{options.listen}:{options.port}")
    server.serve_forever()


def say(text: str) -> None:
    """A line of the log."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
