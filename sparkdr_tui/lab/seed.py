"""The small Sparklio data set: rows, keys and objects, the same in every lab."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path
from typing import TYPE_CHECKING

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.lab.layout import Inventory
from sparkdr_tui.lab.node import environment
from sparkdr_tui.lab.servers import DATABASE, OWNER, PASSWORD_SECRET, postgres_bin
from sparkdr_tui.lab.units import Spawner

if TYPE_CHECKING:
    from minio import Minio

BUCKETS = ("sparklio-assets", "sparklio-brand-assets", "sparklio-workflows")
_KEYS = 120
_SOUND = """
SELECT count(*)
FROM unnest(ARRAY['users', 'brands', 'agents', 'workflows', 'assets']::regclass[]) AS it, verify_heapam(it);
SELECT bt_index_check(indexrelid) FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
WHERE relnamespace = 'public'::regnamespace AND relam = (SELECT oid FROM pg_am WHERE amname = 'btree') \\g /dev/null
"""


async def fill_postgres(inventory: Inventory, spawn: Spawner) -> None:
    """Create the database and its tables."""
    await psql(inventory, spawn, f"CREATE DATABASE {DATABASE}", database="postgres")
    await psql(inventory, spawn, _sql("seed.sql"))


async def grow_postgres(inventory: Inventory, spawn: Spawner) -> None:
    """What happened since the first backup."""
    await psql(inventory, spawn, _sql("seed_more.sql"))


async def refill_postgres(inventory: Inventory, spawn: Spawner) -> None:
    """Make the database anew, whatever became of it."""
    await psql(inventory, spawn, f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)", database="postgres")
    await fill_postgres(inventory, spawn)
    await grow_postgres(inventory, spawn)


async def is_sound(inventory: Inventory, spawn: Spawner) -> bool:
    """Whether every table is there and every row of it can be read, by itself and by every index."""
    try:
        return await psql(inventory, spawn, _SOUND) == "0"
    except SparkdrError:
        return False


async def psql(inventory: Inventory, spawn: Spawner, script: str, database: str = DATABASE) -> str:
    """Run SQL as the platform's role and return what it prints, unaligned."""
    child = await spawn(
        *[str(postgres_bin() / "psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-f", "-"],
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=environment(inventory, "macmini")
        | {
            "PGHOST": "127.0.0.1",
            "PGPORT": str(inventory.services["postgresql"].inner),
            "PGUSER": OWNER,
            "PGDATABASE": database,
            "PGPASSWORD": inventory.secrets[PASSWORD_SECRET],
            "PGCLIENTENCODING": "UTF8",
        },
        cwd=inventory.folder,
    )
    output, _ = await child.communicate(script.encode())
    text = output.decode(errors="replace").strip()
    if child.returncode != 0:
        raise SparkdrError("PostgreSQL refused the lab's SQL.", text[-1000:])
    return str(text)


def fill_redis(inventory: Inventory) -> None:
    """Keys of every type; blocking: run it in a thread."""
    import redis

    with redis.Redis(port=inventory.services["redis"].inner) as client, client.pipeline(transaction=False) as line:
        for i in range(1, _KEYS + 1):
            line.set(f"cache:workflow:{i}", f'{{"id": {i}, "title": "신제품 소개 #{i}"}}')
            line.hset(f"session:{i}", mapping={"user": i, "name": f"사용자 {i}", "role": "member"})
        for brand in range(1, 41):
            line.sadd(f"brand:{brand}:tags", *(f"tag-{(brand * k) % 17}" for k in range(1, 5)))
        line.rpush("queue:generate", *(f"job-{i}" for i in range(1, 61)))
        line.zadd("leaderboard", {f"agent-{i}": i * 1.5 for i in range(1, 13)})
        line.set("캐시:상태", "정상")
        line.set("binary", bytes(range(256)))
        for i in range(1, 11):
            line.xadd("events", {"n": i, "kind": "generated"}, id=f"1733011200000-{i}")
        line.bgsave()
        line.execute()


def refill_redis(inventory: Inventory) -> None:
    """Fill an empty keyspace."""
    import redis

    with redis.Redis(port=inventory.services["redis"].inner) as client:
        empty = client.dbsize() == 0
    if empty:
        fill_redis(inventory)


def objects() -> dict[tuple[str, str], bytes]:
    """Every object of the three buckets, by bucket and key."""
    found: dict[tuple[str, str], bytes] = {}
    for i in range(1, 13):
        found["sparklio-assets", f"generated/2025-01/asset-{i:03}.png"] = _picture(i, 900 + i * 61)
    found["sparklio-assets", "생성 이미지/달빛커피 봄 캠페인.png"] = _picture(101, 4096)
    found["sparklio-assets", "generated/with space & plus+sign (1).txt"] = "한 줄\n".encode()
    found["sparklio-assets", "generated/empty.txt"] = b""
    for i in range(1, 7):
        found["sparklio-brand-assets", f"brand-{i}/logo.svg"] = f"<svg><text>brand {i}</text></svg>\n".encode()
    found["sparklio-brand-assets", "달빛커피/브랜드 가이드.pdf"] = _picture(102, 20_000)
    for i in range(1, 7):
        found["sparklio-workflows", f"runs/{i:05}/result.json"] = f'{{"run": {i}, "상태": "완료"}}\n'.encode()
    found["sparklio-workflows", "runs/00001/미리보기.png"] = _picture(103, 70_000)
    return found


def fill_s3(inventory: Inventory) -> None:
    """Make the buckets and put the objects; blocking: run it in a thread."""
    client = _s3(inventory)
    for bucket in BUCKETS:
        client.make_bucket(bucket)
    for (bucket, key), content in objects().items():
        client.put_object(bucket, key, io.BytesIO(content), len(content))


def refill_s3(inventory: Inventory) -> None:
    """Put what is not there."""
    client = _s3(inventory)
    there = {bucket.name for bucket in client.list_buckets()}
    for bucket in BUCKETS:
        if bucket not in there:
            client.make_bucket(bucket)
    keys = {(b, str(each.object_name)) for b in BUCKETS for each in client.list_objects(b, recursive=True)}
    for (bucket, key), content in objects().items():
        if (bucket, key) not in keys:
            client.put_object(bucket, key, io.BytesIO(content), len(content))


def _s3(inventory: Inventory) -> Minio:
    from minio import Minio

    return Minio(
        f"127.0.0.1:{inventory.services['minio'].inner}",
        access_key=inventory.secrets["MINIO_ROOT_USER"],
        secret_key=inventory.secrets["MINIO_ROOT_PASSWORD"],
        secure=False,
        region="us-east-1",
    )


def _picture(seed: int, size: int) -> bytes:
    """Bytes that look like a picture, do not compress and are the same every time."""
    import random

    return b"\x89PNG\r\n\x1a\n" + random.Random(seed).randbytes(size)


def _sql(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")
