"""A lab as anybody outside sees it: its card, and one short question to each thing that answers."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import asyncssh
import psycopg
import redis
import urllib3
from minio import Minio
from redis.backoff import NoBackoff
from redis.retry import Retry

from sparkdr_tui.lab import cluster, processes
from sparkdr_tui.lab.layout import Layout, read_inner

PATIENCE = 2.0


@dataclass(frozen=True)
class World:
    folder: Path

    @property
    def plan(self) -> Path:
        return self.folder / "plan"

    @cached_property
    def card(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "lab.json").read_text(encoding="utf-8"))
        return found

    @cached_property
    def id(self) -> str:
        inventory = read_inner(Layout(self.folder))
        assert inventory is not None
        return inventory.id

    def break_(self, fault: str) -> None:
        cluster.break_fault(self.folder, fault)

    def mend(self) -> None:
        cluster.mend(self.folder)

    def processes(self) -> set[int]:
        return {pid for pid in processes.family(processes.marked(self.id)) if processes.alive(pid)}

    def home(self, node: str) -> Path:
        return Path(self.card["nodes"][node]["home"])

    def address(self, service: str) -> tuple[str, int]:
        it = self.card["services"][service]
        return it["host"], it["port"]

    def knock(self, address: tuple[str, int]) -> str:
        """What a connection attempt says: `open`, `refused`, `silence`, or `reset` where the server was just going."""
        try:
            with socket.create_connection(address, PATIENCE):
                return "open"
        except ConnectionRefusedError:
            return "refused"
        except ConnectionResetError:
            return "reset"
        except TimeoutError:
            return "silence"

    def ssh_address(self, node: str) -> tuple[str, int]:
        it = self.card["nodes"][node]
        return it["address"], it["ssh_port"]

    def get(self, service: str, path: str) -> tuple[int, str]:
        """Status and text of an HTTP answer."""
        try:
            with urlopen(self.card["services"][service]["url"] + path, timeout=5) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as error:
            return error.code, error.read().decode()

    def database(self) -> psycopg.Connection[Any]:
        it = self.card["services"]["postgresql"]
        return psycopg.connect(
            host=it["host"],
            port=it["port"],
            user=it["user"],
            password=it["password"],
            dbname=it["database"],
            connect_timeout=int(PATIENCE),
            autocommit=True,
        )

    def rows(self) -> dict[str, int]:
        """How many rows each table has."""
        with self.database() as connection:
            names = connection.execute("SELECT relname FROM pg_stat_user_tables ORDER BY 1").fetchall()
            return {
                name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # type: ignore[index]
                for (name,) in names
            }

    def redis(self) -> redis.Redis:
        host, port = self.address("redis")
        return redis.Redis(
            host, port, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE, retry=Retry(NoBackoff(), 0)
        )

    def s3(self) -> Minio:
        it = self.card["services"]["minio"]
        return Minio(
            f"{it['host']}:{it['port']}",
            it["access_key"],
            it["secret_key"],
            secure=False,
            region="us-east-1",
            http_client=urllib3.PoolManager(timeout=PATIENCE, retries=False),
        )

    def objects(self) -> dict[str, set[str]]:
        """The keys of each bucket."""
        client = self.s3()
        return {
            bucket.name: {str(each.object_name) for each in client.list_objects(bucket.name, recursive=True)}
            for bucket in client.list_buckets()
        }

    def ssh(self, node: str, **options: Any) -> Any:
        """A connection to a node, to be used with `async with`."""
        host, port = self.ssh_address(node)
        return asyncssh.connect(
            host,
            port,
            **{
                "username": "woosun",
                "client_keys": [str(self.plan / "keys" / "operator")],
                "known_hosts": str(self.plan / "known_hosts"),
                "config": None,
                "connect_timeout": PATIENCE,
            }
            | options,
        )


def until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait for something to become true."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.02)
