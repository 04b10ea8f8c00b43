"""Ollama's folder of models: manifests that name the real sizes, blobs of a few bytes."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_LIBRARY = "manifests/registry.ollama.ai/library"


@dataclass(frozen=True, slots=True)
class Model:
    """A model of the registry."""

    name: str
    family: str
    parameters: str
    size: int

    @property
    def digest(self) -> str:
        """What identifies it."""
        return hashlib.sha256(f"lab model {self.name}".encode()).hexdigest()


REGISTRY = {
    model.name: model
    for model in (
        Model("llama2:13b", "llama", "13B", 7_365_960_935),
        Model("codellama:7b", "llama", "7B", 3_825_910_662),
        Model("mistral:7b", "llama", "7.2B", 4_113_301_824),
        Model("llama2:7b", "llama", "7B", 3_826_793_677),
        Model("nomic-embed-text:latest", "nomic-bert", "137M", 274_302_450),
    )
}
"""What can be pulled."""


def folder() -> Path:
    """Where models are."""
    return Path(os.environ.get("OLLAMA_MODELS") or Path(os.environ.get("HOME", "/")) / ".ollama" / "models")


def full_name(name: str) -> str:
    """The name with its tag."""
    return name if ":" in name else f"{name}:latest"


def add(where: Path, model: Model) -> None:
    """Put a model into the folder: the blob first, the manifest that makes it complete last."""
    blob = where / "blobs" / f"sha256-{model.digest}"
    blob.parent.mkdir(parents=True, exist_ok=True)
    blob.write_bytes(f"stand-in for {model.name}\n".encode())
    layer = {"mediaType": "application/vnd.ollama.image.model", "digest": f"sha256:{model.digest}", "size": model.size}
    manifest = _manifest(where, model.name)
    manifest.parent.mkdir(parents=True, exist_ok=True)
    manifest.write_text(json.dumps({"schemaVersion": 2, "layers": [layer]}))


def remove(where: Path, name: str) -> bool:
    """Take a model away; False when it was not there."""
    manifest = _manifest(where, full_name(name))
    if not manifest.is_file():
        return False
    digest = json.loads(manifest.read_text())["layers"][0]["digest"]
    manifest.unlink()
    (where / "blobs" / digest.replace(":", "-")).unlink(missing_ok=True)
    return True


def tags(where: Path) -> dict[str, Any]:
    """What `/api/tags` says: every model with a manifest whose blob is there, newest first."""
    models = [found for path in (where / _LIBRARY).glob("*/*") if (found := _described(where, path)) is not None]
    return {"models": sorted(models, key=lambda model: str(model["modified_at"]), reverse=True)}


def _described(where: Path, manifest: Path) -> dict[str, Any] | None:
    try:
        layer = json.loads(manifest.read_text())["layers"][0]
        digest = str(layer["digest"])
        if not (where / "blobs" / digest.replace(":", "-")).is_file():
            return None
        modified = datetime.fromtimestamp(manifest.stat().st_mtime, UTC)
    except (OSError, ValueError, LookupError):
        return None
    name = f"{manifest.parent.name}:{manifest.name}"
    known = REGISTRY.get(name)
    details = {
        "format": "gguf",
        "family": known.family if known else "unknown",
        "parameter_size": known.parameters if known else "",
        "quantization_level": "Q4_0",
    }
    return {
        "name": name,
        "model": name,
        "modified_at": modified.isoformat(),
        "size": layer["size"],
        "digest": digest.removeprefix("sha256:"),
        "details": details,
    }


def _manifest(where: Path, name: str) -> Path:
    model, _, tag = name.partition(":")
    return where / _LIBRARY / model / tag
