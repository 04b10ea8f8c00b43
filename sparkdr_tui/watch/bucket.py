"""Looking into one bucket: what lies below a prefix, and small objects; signed by hand, so that looking stays quick."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import unquote
from xml.etree import ElementTree

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.language import _
from sparkdr_tui.text import one_line, sanitize
from sparkdr_tui.watch.finding import Place
from sparkdr_tui.watch.s3 import said, signed, target
from sparkdr_tui.watch.wire import Answer, get

_PAGE = 8 << 20
_MOST_PAGES = 1000
_DEADLINE = 8.0
"""Seconds for one request."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket, and who looks into it."""

    host: str
    port: int
    tls: bool
    name: str
    region: str
    access_key: str
    secret_key: str

    @property
    def authority(self) -> str:
        """The host as requests name it: without the port where that is the usual one."""
        return self.host if self.port == (443 if self.tls else 80) else f"{self.host}:{self.port}"


async def names(bucket: Bucket, folder: str, first: str = "") -> dict[str, int | None]:
    """What lies directly in `folder` and begins with `first`: objects with their size, folders with None.

    Raises `SparkdrError`.
    """
    begin = f"{folder}/" if folder else ""
    query = {"list-type": "2", "prefix": begin + first, "delimiter": "/", "encoding-type": "url"}
    found: dict[str, int | None] = {}
    for _page in range(_MOST_PAGES):
        page = _read(await _get(bucket, "", query, _PAGE))
        encoded = page.findtext("{*}EncodingType") == "url"
        for each in page.iterfind("{*}Contents"):
            found[_key(each, "Key", encoded).removeprefix(begin)] = int(each.findtext("{*}Size") or 0)
        for each in page.iterfind("{*}CommonPrefixes"):
            found[_key(each, "Prefix", encoded).removeprefix(begin).rstrip("/")] = None
        token = page.findtext("{*}NextContinuationToken")
        if page.findtext("{*}IsTruncated") != "true" or not token:
            break
        query = {**query, "continuation-token": token}
    found.pop("", None)
    return found


async def text(bucket: Bucket, key: str, limit: int) -> str | None:
    """The beginning of a small object, as text; None when it is not there."""
    answer = await _get(bucket, key, {}, limit, gone=404)
    return None if answer.status == 404 else answer.body.decode(errors="replace")


async def _get(bucket: Bucket, key: str, query: Mapping[str, str], limit: int, gone: int = 0) -> Answer:
    wanted = target(f"/{bucket.name}/{key}" if key else f"/{bucket.name}", query)
    at, keys = datetime.now(UTC), (bucket.access_key, bucket.secret_key)
    headers = signed(bucket.authority, *keys, bucket.region, at, wanted)
    place = Place(bucket.host, bucket.port, asyncio.get_running_loop().time() + _DEADLINE)
    tls = ssl.create_default_context() if bucket.tls else None
    try:
        answer = await get(place, wanted, headers, limit, tls)
    except TimeoutError:
        raise SparkdrError(_("{place} does not answer.").format(place=bucket.authority)) from None
    except OSError as problem:
        why = one_line(sanitize(problem.strerror or str(problem) or type(problem).__name__))
        raise SparkdrError(_("{place} cannot be reached: {why}.").format(place=bucket.authority, why=why)) from problem
    if answer.status not in (200, gone):
        raise SparkdrError(
            _("{place} refuses to be looked into: {status} {why}").format(
                place=f"{bucket.authority}/{bucket.name}", status=answer.status, why=sanitize(said(answer))
            )
        )
    return answer


def _read(answer: Answer) -> ElementTree.Element:
    try:
        if b"<!DOCTYPE" in answer.body:
            raise ElementTree.ParseError
        return ElementTree.fromstring(answer.body)
    except ElementTree.ParseError:
        raise SparkdrError(_("What the store answers is no list of a bucket.")) from None


def _key(at: ElementTree.Element, name: str, encoded: bool) -> str:
    found = at.findtext(f"{{*}}{name}") or ""
    return unquote(found) if encoded else found
