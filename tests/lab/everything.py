"""All that a lab holds, as names and values: what a disaster takes away and a recovery has to bring back.

Left out is what rightly differs afterwards: logs, pids, the kept damaged database, safety copies, the backups.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import stat
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from sparkdr_tui.plan import load as loader
from sparkdr_tui.reach.pool import Reach
from sparkdr_tui.watch.sweep import sweep
from sparkdr_tui.watch.topology import Topology
from tests.lab.world import World

Everything = Mapping[str, str]

_HERE = "relnamespace = 'public'::regnamespace"
_TABLES = f"SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND {_HERE}"
_ROWS = """
SELECT count(*) || ' rows ' || coalesce(md5(string_agg(md5(it::text), '' ORDER BY it::text COLLATE "C")), '')
FROM {table} AS it
"""
_SCHEMA = {
    "database": """
        SELECT datname, concat_ws(' ', datdba::regrole, pg_encoding_to_char(encoding), datcollate, datctype)
        FROM pg_database WHERE datname = current_database()""",
    "column": f"""
        SELECT attrelid::regclass || '.' || attname,
               concat_ws(' ', format_type(atttypid, atttypmod), attnotnull, attidentity, pg_get_expr(adbin, adrelid))
        FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
        LEFT JOIN pg_attrdef ON (adrelid, adnum) = (attrelid, attnum)
        WHERE {_HERE} AND relkind = 'r' AND attnum > 0 AND NOT attisdropped""",
    "owner of": f"SELECT oid::regclass::text, concat_ws(' ', relowner::regrole, relacl) FROM pg_class WHERE {_HERE}",
    "constraint": """
        SELECT conrelid::regclass || ' ' || conname, concat_ws(' ', convalidated, pg_get_constraintdef(oid))
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace""",
    "index": f"""
        SELECT indexrelid::regclass::text, concat_ws(' ', indisvalid, pg_get_indexdef(indexrelid))
        FROM pg_index JOIN pg_class ON pg_class.oid = indrelid WHERE {_HERE}""",
    "view": "SELECT viewname::text, definition FROM pg_views WHERE schemaname = 'public'",
    "extension": "SELECT extname::text, extversion FROM pg_extension",
    "role": """
        SELECT rolname::text, concat_ws(' ', rolsuper, rolcreatedb, rolcreaterole, rolcanlogin)
        FROM pg_roles WHERE rolname = current_user""",
}
_IDENTITIES = f"""
SELECT pg_get_serial_sequence(attrelid::regclass::text, attname), attrelid::regclass::text, attname
FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid WHERE {_HERE} AND attidentity <> ''
"""
_BEYOND = "SELECT s.last_value >= (SELECT coalesce(max({column}), 0) FROM {table}) FROM {sequence} AS s"

_CHECKOUTS = {
    "macmini": ("sparklio_ai_marketing_studio",),
    "desktop": ("ComfyUI", "ComfyUI/custom_nodes/comfyui_controlnet_aux"),
    "laptop": ("sparklio_ai_marketing_studio",),
}
_DOTFILES = (".gitconfig", ".bash_history", ".launchd-agents.json")
"""What a person or the lab's launchctl keeps on a machine: no backup of the plan holds it."""
_SERVERS = ("homebrew/var", "minio", ".logs", ".pm2", ".npm", ".cache", "sparklio_ai_marketing_studio/logs")
"""Folders of a home that servers write to: they are asked themselves."""
_ENTITLED = ("Desktop", "Documents", "Downloads", "Library")
"""Empty folders that a new Mac has."""


def everything(lab: World) -> Everything:
    """All of it, now, by name."""
    found: dict[str, str] = {}
    for part in (_database(lab), _keys(lab), _objects(lab), _services(lab), _topology(lab)):
        found |= dict(part)
    for node in lab.card["nodes"]:
        found |= dict(_home(lab, node)) | dict(_checkouts(lab, node))
    return found


def difference(before: Everything, after: Everything) -> list[str]:
    """What of it is not as before, one line for each."""
    lines = []
    for name in sorted(before.keys() | after.keys()):
        was, is_ = before.get(name, "(not there)"), after.get(name, "(not there)")
        if was != is_:
            lines.append(f"{name}: was {was}, is {is_}")
    return lines


# -- what servers hold -------------------------------------------------------------------------------


def _database(lab: World) -> Iterator[tuple[str, str]]:
    with lab.database() as connection:
        connection.execute("SET timezone TO 'UTC'")
        for (table,) in connection.execute(_TABLES).fetchall():
            yield f"table {table}", _value(connection, _ROWS, table=sql.SQL(table))
        for kind, query in _SCHEMA.items():
            for name, value in connection.execute(query).fetchall():
                yield f"{kind} {name}", value
        # A crash makes a sequence jump by what was reserved; what counts is that it gives no number twice.
        for sequence, table, column in connection.execute(_IDENTITIES).fetchall():
            names = {"sequence": sql.SQL(sequence), "table": sql.SQL(table), "column": sql.Identifier(column)}
            beyond = _value(connection, _BEYOND, **names)
            yield f"sequence {sequence}", "beyond every row" if beyond == "True" else "gives numbers that are in use"


def _value(connection: psycopg.Connection[Any], query: LiteralString, **names: sql.Composable) -> str:
    row = connection.execute(sql.SQL(query).format(**names)).fetchone()
    assert row is not None
    return str(row[0])


def _keys(lab: World) -> Iterator[tuple[str, str]]:
    client: Any = lab.redis()
    readers: Mapping[bytes, Callable[[bytes], Any]] = {
        b"string": client.get,
        b"hash": lambda key: sorted(client.hgetall(key).items()),
        b"set": lambda key: sorted(client.smembers(key)),
        b"list": lambda key: client.lrange(key, 0, -1),
        b"zset": lambda key: client.zrange(key, 0, -1, withscores=True),
        b"stream": client.xrange,
    }
    keys = list(client.scan_iter(count=1000))
    with client.pipeline(transaction=False) as line:
        for key in keys:
            line.type(key)
            line.ttl(key)
        said = line.execute()
    for key, kind, left in zip(keys, said[::2], said[1::2], strict=True):
        content = _hash(repr(readers[kind](key)).encode())
        yield f"key {key.decode(errors='replace')}", f"{kind.decode()} {'lasts' if left == -1 else 'expires'} {content}"


def _objects(lab: World) -> Iterator[tuple[str, str]]:
    client = lab.s3()
    for bucket in client.list_buckets():
        yield f"bucket {bucket.name}", "there"
        for each in client.list_objects(bucket.name, recursive=True):
            with client.get_object(bucket.name, str(each.object_name)) as answer:
                content = answer.read()
            yield f"object {bucket.name}/{each.object_name}", f"{len(content)} bytes {_hash(content)}"


def _services(lab: World) -> Iterator[tuple[str, str]]:
    """What the services know of each other, and what they offer."""
    for path in ("/health", "/api/v1/assets/health", "/api/v1/router/health"):
        yield f"backend {path}", str(lab.get("backend", path)[0])
    models = json.loads(lab.get("ollama", "/api/tags")[1])["models"]
    for model in models:
        yield f"model {model['name']}", f"{model['size']} {model['digest']}"


def _topology(lab: World) -> Iterator[tuple[str, str]]:
    plan = loader.load(lab.plan)

    async def look() -> Topology:
        reach = Reach(plan)
        try:
            return await sweep(plan, reach)
        finally:
            await reach.close()

    seen = asyncio.run(look())
    for what, readings in (("node", seen.nodes), ("service", seen.services)):
        for name, reading in readings.items():
            yield f"{what} {name}", "healthy" if reading.state.healthy else f"{reading.state.value} {reading.detail}"


# -- what lies on the nodes --------------------------------------------------------------------------


def _home(lab: World, node: str) -> Iterator[tuple[str, str]]:
    """Every file and folder with its mode, every file and link with its content."""
    home = lab.home(node)
    for folder, folders, files in os.walk(home):
        at = Path(folder).relative_to(home)
        folders[:] = [name for name in folders if not _differs(at / name)]
        for name in (*folders, *files):
            if ".next" in (at / name).parts:
                yield f"{node}:{at / name}", "there"  # each build has an id of its own in it
            elif not _differs(at / name):
                yield f"{node}:{at / name}", _on_disk(home / at / name)


def _differs(path: Path) -> bool:
    """Whether a path of a home rightly differs after a recovery."""
    name = path.name
    return (
        str(path) in (*_SERVERS, *_ENTITLED, *_DOTFILES)
        or name in (".git", "__pycache__")  # of a checkout, commit and cleanliness count
        or name.endswith((".log", ".pid"))
        or name.startswith("emergency_")
        or ".before-" in name
    )


def _on_disk(path: Path) -> str:
    info = path.lstat()
    if stat.S_ISLNK(info.st_mode):
        return f"link to {path.readlink()}"
    if stat.S_ISDIR(info.st_mode):
        return f"folder {stat.S_IMODE(info.st_mode):o}"
    return f"file {stat.S_IMODE(info.st_mode):o} {info.st_size} bytes {_hash(path.read_bytes())}"


def _checkouts(lab: World, node: str) -> Iterator[tuple[str, str]]:
    for name in _CHECKOUTS[node]:
        folder = lab.home(node) / name
        yield f"{node}:{name} commit", _git(folder, "rev-parse", "HEAD")
        yield f"{node}:{name} branch", _git(folder, "rev-parse", "--abbrev-ref", "HEAD")
        yield f"{node}:{name} origin", _git(folder, "remote", "get-url", "origin")
        yield f"{node}:{name} changes", _git(folder, "status", "--porcelain") or "none"


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=False)
    return (done.stdout if done.returncode == 0 else done.stderr).strip()


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
