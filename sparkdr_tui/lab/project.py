"""The platform's settings files: `.env` and its kin, as the nodes of this lab need them."""

from __future__ import annotations

from sparkdr_tui.lab.layout import Inventory, write_private
from sparkdr_tui.lab.servers import DATABASE, OWNER, PASSWORD_SECRET

NAME = "sparklio_ai_marketing_studio"


def write_settings(inventory: Inventory, node: str) -> None:
    """Write the settings files that git does not hold, where they are not there."""
    project = inventory.layout.home(node) / NAME
    if node in _FILES:
        for path, text in _FILES[node](inventory).items():
            if not (project / path).exists():
                write_private(project / path, text)


def _macmini(inventory: Inventory) -> dict[str, str]:
    services, secret = inventory.services, inventory.secrets
    ollama = services["ollama"]
    return {
        ".env": "COMPOSE_PROJECT_NAME=sparklio\nENVIRONMENT=production\n",
        "backend/.env": _lines(
            DATABASE_URL=f"postgresql://{OWNER}:{secret[PASSWORD_SECRET]}@127.0.0.1:{services['postgresql'].inner}/{DATABASE}",
            REDIS_URL=f"redis://127.0.0.1:{services['redis'].inner}/0",
            S3_URL=f"http://127.0.0.1:{services['minio'].inner}",
            S3_ACCESS_KEY=secret["MINIO_ROOT_USER"],
            S3_SECRET_KEY=secret["MINIO_ROOT_PASSWORD"],
            OLLAMA_URL=f"http://{ollama.host}:{ollama.port}",
        ),
        "frontend/.env.local": _frontend(inventory),
    }


def _laptop(inventory: Inventory) -> dict[str, str]:
    return {"frontend/.env.local": _frontend(inventory)}


def _frontend(inventory: Inventory) -> str:
    backend = inventory.services["backend"]
    return _lines(NEXT_PUBLIC_API_URL=f"http://{backend.host}:{backend.port}")


def _lines(**values: str) -> str:
    return "".join(f"{name}={value}\n" for name, value in values.items())


_FILES = {"macmini": _macmini, "laptop": _laptop}
