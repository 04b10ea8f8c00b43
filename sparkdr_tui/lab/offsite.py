"""The lab's second place: an S3 server of its own over `D/offsite`, somewhere that faults cannot reach.

It is no node, is not behind the nodes' switch and has its own mains: fire, flood and power cuts at the site leave it.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Any

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.lab.layout import OFFSITE_KEYS, Inventory
from sparkdr_tui.lab.processes import MARK
from sparkdr_tui.lab.units import Unit

PLACE = "offsite"
"""Where it stands, as units have it: not a node of the plan."""
BUCKET, PREFIX = "sparklio-backups", "sparklio_v4"
_ELSEWHERE = "/opt/homebrew/bin:/usr/local/bin:/usr/bin"


def copy_to(inventory: Inventory) -> dict[str, Any]:
    """What the lab's plan says of its second place."""
    access, secret = OFFSITE_KEYS
    return {
        "url": f"http://127.0.0.1:{inventory.offsite}",
        "bucket": BUCKET,
        "prefix": PREFIX,
        "access_key": access,
        "secret_key": secret,
        "rpo": "1d",
    }


def unit(inventory: Inventory) -> Unit:
    """The server; its bucket is made, as somebody makes one who rents such a place."""
    folder = inventory.layout.offsite
    (folder / BUCKET / PREFIX).mkdir(parents=True, exist_ok=True)
    access, secret = (inventory.secrets[name] for name in OFFSITE_KEYS)
    address = f"127.0.0.1:{inventory.offsite}"
    search = f"{Path(sys.executable).parent}:{_ELSEWHERE}"
    env = {"PATH": search, "HOME": inventory.folder, "LANG": "C.UTF-8", MARK: inventory.id}
    if rclone := shutil.which("rclone", path=search):
        argv = [rclone, "serve", "s3", str(folder), "--addr", address, "--vfs-cache-mode", "off"]
        env |= {"RCLONE_CONFIG": os.devnull, "RCLONE_AUTH_KEY": f'"{access},{secret}"'}  # rclone reads it as CSV
    elif minio := shutil.which("minio", path=search):
        argv = [minio, "server", str(folder), "--address", address]
        env |= {"MINIO_ROOT_USER": access, "MINIO_ROOT_PASSWORD": secret}
    else:
        raise SparkdrError("The lab's second place needs rclone or minio.", 'pip install "sparkdr-tui[lab]"')
    log = inventory.layout.folder / "offsite.log"
    return Unit(PLACE, "s3", tuple(argv), inventory.layout.folder, log, env=env, port=inventory.offsite)
