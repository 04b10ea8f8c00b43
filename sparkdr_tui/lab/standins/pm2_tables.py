"""How `pm2` shows its processes: as a table and as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

Process = dict[str, Any]
"""What pm2 keeps of a process: id, name, argv, cwd, env, restarts, started."""
_STATUS = {"started": "online", "stopped": "stopped", "none": "stopped", "error": "errored"}


def table(processes: Sequence[Process], units: Mapping[str, Any], user: str, now: float) -> str:
    """What `pm2 list` prints."""
    rows = [
        ("id", "name", "namespace", "version", "mode", "pid", "uptime", "↺", "status", "cpu", "mem", "user", "watching")
    ]
    for each in processes:
        unit = units.get(each["name"], {})
        online = unit.get("status") == "started"
        uptime = _age(now - each["started"]) if online else "0"
        pid, memory = str(unit.get("pid") or 0), "58.4mb" if online else "0b"
        cells = (str(each["id"]), each["name"], "default", "N/A", "fork", pid, uptime, str(each["restarts"]))
        rows.append((*cells, status(unit), "0%", memory, user, "disabled"))
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = [f"│ {' │ '.join(f'{cell:<{width}}' for cell, width in zip(row, widths, strict=True))} │" for row in rows]
    top, middle, bottom = (
        left + join.join("─" * (width + 2) for width in widths) + right for left, join, right in ("┌┬┐", "├┼┤", "└┴┘")
    )
    return "\n".join([top, lines[0], middle, *lines[1:], bottom] if processes else [top, lines[0], bottom])


def as_json(processes: Sequence[Process], units: Mapping[str, Any], home: str) -> str:
    """What `pm2 jlist` prints."""
    return json.dumps(
        [
            {
                "pid": units.get(each["name"], {}).get("pid") or 0,
                "name": each["name"],
                "pm_id": each["id"],
                "pm2_env": {
                    "name": each["name"],
                    "status": status(units.get(each["name"], {})),
                    "restart_time": each["restarts"],
                    "pm_uptime": int(each["started"] * 1000),
                    "pm_exec_path": each["argv"][0],
                    "args": each["argv"][1:],
                    "pm_cwd": each["cwd"],
                    "pm_out_log_path": f"{home}/.pm2/logs/{each['name']}-out.log",
                },
                "monit": {"memory": 61_235_200, "cpu": 0},
            }
            for each in processes
        ]
    )


def status(unit: Mapping[str, Any]) -> str:
    """The supervisor's word as pm2 says it."""
    return _STATUS.get(str(unit.get("status", "none")), "stopped")


def _age(seconds: float) -> str:
    for unit, size in (("D", 86400), ("h", 3600), ("m", 60)):
        if seconds >= size:
            return f"{int(seconds // size)}{unit}"
    return f"{int(seconds)}s"
