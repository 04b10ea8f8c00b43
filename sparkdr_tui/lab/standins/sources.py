"""What stands in the lab's repositories: the platform's own files, as small as they can be and still be true."""

from __future__ import annotations

import json
from pathlib import Path

from sparkdr_tui.lab.standins.frontend import lock_file

REQUIREMENTS = """fastapi==0.115.6
uvicorn[standard]==0.34.0
pydantic-settings==2.7.0
sqlalchemy==2.0.36
psycopg[binary]==3.2.3
redis==5.2.1
minio==7.2.12
httpx==0.28.1
python-dotenv==1.0.1
"""

_MAIN = '''"""Sparklio V4 API."""

from fastapi import FastAPI

from app.api import health
from app.core.config import settings

app = FastAPI(title="Sparklio V4 API", version=settings.VERSION)
app.include_router(health.router)
'''

_CONFIG = '''"""Settings, read from `.env`."""

from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_file=".env", extra="ignore")

    VERSION: str = "4.0.0"
    DATABASE_URL: str
    REDIS_URL: str
    S3_URL: str
    S3_ACCESS_KEY: str
    S3_SECRET_KEY: str
    OLLAMA_URL: str


settings = Settings()
'''

_HEALTH = '''"""Health of the API and of what it depends on."""

from fastapi import APIRouter, Response

from app.core import dependencies

router = APIRouter()


@router.get("/health")
async def health(response: Response) -> dict:
    return await dependencies.report(response, "postgresql", "redis")


@router.get("/api/v1/assets/health")
async def assets(response: Response) -> dict:
    return await dependencies.report(response, "s3")


@router.get("/api/v1/router/health")
async def llm_router(response: Response) -> dict:
    return await dependencies.report(response, "ollama")
'''

_GITIGNORE = """.env
.env.*
!.env.example
*.before-*
venv/
node_modules/
.next/
logs/
__pycache__/
*.pid
"""

_PACKAGE = """{
  "name": "sparklio-frontend",
  "version": "4.0.0",
  "private": true,
  "scripts": {
    "dev": "next dev",
    "build": "next build",
    "start": "next start",
    "lint": "next lint"
  },
  "dependencies": {
    "next": "14.2.21",
    "react": "18.3.1",
    "react-dom": "18.3.1"
  },
  "devDependencies": {
    "typescript": "5.7.2"
  }
}
"""

_PAGE = """export default function Page() {
  return (
    <main>
      <h1>Sparklio</h1>
      <p>AI Marketing Studio</p>
    </main>
  );
}
"""

_NEXT_CONFIG = """if (!process.env.NEXT_PUBLIC_API_URL) {
  throw new Error("NEXT_PUBLIC_API_URL is not set");
}
module.exports = { reactStrictMode: true };
"""

_BACKUP_SCRIPT = """#!/bin/bash
# The nightly backup lives in the disaster recovery plan's runbooks; this is the script it replaced.
BACKUP_DIR="/Volumes/Backup/sparklio_v4"
DATE=$(date +%Y%m%d_%H%M%S)
pg_dump -U sparklio_user sparklio_v4 | gzip > "$BACKUP_DIR/postgres_$DATE.sql.gz"
"""

_PROMETHEUS = """global:
  scrape_interval: 15s
scrape_configs:
  - job_name: sparklio-backend
    static_configs:
      - targets: ["localhost:8000"]
"""

_COMFYUI_IGNORES = ("__pycache__/", "/output/", "/input/", "/models/", "/custom_nodes/", "venv/", "*.log", "*.pid")


def project() -> dict[str, str]:
    """The platform's first release."""
    return {
        "README.md": "# Sparklio AI Marketing Studio\n\nBackend, frontend and operations of Sparklio V4.\n",
        ".gitignore": _GITIGNORE,
        "backend/requirements.txt": REQUIREMENTS,
        "backend/.env.example": "".join(
            f"{name}=\n"
            for name in ("DATABASE_URL", "REDIS_URL", "S3_URL", "S3_ACCESS_KEY", "S3_SECRET_KEY", "OLLAMA_URL")
        ),
        "backend/app/__init__.py": "",
        "backend/app/main.py": _MAIN,
        "backend/app/core/__init__.py": "",
        "backend/app/core/config.py": _CONFIG,
        "backend/app/api/__init__.py": "",
        "backend/app/api/health.py": _HEALTH,
        "frontend/package.json": _PACKAGE,
        "frontend/.env.example": "NEXT_PUBLIC_API_URL=\n",
        "frontend/next.config.js": _NEXT_CONFIG,
        "frontend/package-lock.json": lock_file(json.loads(_PACKAGE)),
        "frontend/app/page.tsx": _PAGE,
        "monitoring/prometheus.yml": _PROMETHEUS.replace("15s", "60s"),
    }


def project_scripts() -> dict[str, str]:
    """The release after it."""
    return {"scripts/backup_daily.sh": _BACKUP_SCRIPT}


def project_monitoring() -> dict[str, str]:
    """What is on main and not released."""
    return {"monitoring/prometheus.yml": _PROMETHEUS}


def comfyui() -> dict[str, str]:
    """ComfyUI, whose `main.py` is the stand-in itself."""
    return {
        "README.md": "# ComfyUI\n",
        ".gitignore": "".join(f"{name}\n" for name in _COMFYUI_IGNORES),
        "main.py": Path(__file__).with_name("comfyui.py").read_text(encoding="utf-8"),
        "requirements.txt": "torch==2.5.1\ntorchvision==0.20.1\naiohttp==3.11.11\nsafetensors==0.4.5\npillow==11.0.0\n",
    }


def controlnet() -> dict[str, str]:
    """A custom node of ComfyUI."""
    return {
        "README.md": "# ComfyUI's ControlNet Auxiliary Preprocessors\n",
        "__init__.py": "NODE_CLASS_MAPPINGS = {}\n",
        "requirements.txt": "opencv-python==4.10.0.84\neinops==0.8.0\nscikit-image==0.25.0\n",
    }
