"""Looking at an S3 store: requests that list and read, signed by hand (AWS Signature Version 4)."""

from __future__ import annotations

import hashlib
import hmac
import re
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote
from xml.etree import ElementTree

from sparkdr_tui.plan.model import S3Probe
from sparkdr_tui.text import one_line
from sparkdr_tui.watch.finding import UP, Finding, Place, damaged, denied, is_missing, unknown
from sparkdr_tui.watch.wire import Answer, get

_EMPTY = hashlib.sha256(b"").hexdigest()
_LIMIT = 1 << 20
_CODE = re.compile(rb"<Code>([A-Za-z0-9]{1,60})</Code>")


async def look(probe: S3Probe, place: Place, access_key: str, secret_key: str) -> Finding:
    """Whether the buckets are there."""
    host = f"{place.host}:{place.port}"
    headers = signed(host, access_key, secret_key, probe.region, datetime.now(UTC))
    answer = await get(place, "/", headers, _LIMIT, _tls(probe))
    if answer.status in (401, 403):
        return denied(f"does not accept the access key ({said(answer)})")
    if answer.status != 200:
        return damaged(f"listing the buckets answers {answer.status} ({said(answer)})")
    names = _bucket_names(answer.body)
    if names is None:
        return damaged("listing the buckets answers no list of buckets")
    missing = [bucket for bucket in probe.buckets if bucket not in names]
    return damaged(is_missing("bucket", missing)) if missing else UP


async def greet(probe: S3Probe, place: Place) -> Finding:
    """What can be known without the keys: whether it answers HTTP."""
    await get(place, "/", {"Host": f"{place.host}:{place.port}"}, 4096, _tls(probe))
    return unknown("answers; not looked into without credentials")


def target(path: str, query: Mapping[str, str] | None = None) -> str:
    """What a request asks for, as its first line has it and as it is signed."""
    pairs = sorted((quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in (query or {}).items())
    words = "&".join(f"{name}={value}" for name, value in pairs)
    return quote(path, safe="/-_.~") + (f"?{words}" if words else "")


def signed(host: str, access_key: str, secret_key: str, region: str, at: datetime, wanted: str = "/") -> dict[str, str]:
    """The headers of a signed `GET` of `wanted` (what `target` makes) without a body."""
    stamp = at.strftime("%Y%m%dT%H%M%SZ")
    scope = f"{stamp[:8]}/{region}/s3/aws4_request"
    signs = {"host": host, "x-amz-content-sha256": _EMPTY, "x-amz-date": stamp}
    names = ";".join(signs)
    path, _mark, query = wanted.partition("?")
    lines = ["GET", path, query, *(f"{name}:{value}" for name, value in signs.items()), "", names, _EMPTY]
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    key = f"AWS4{secret_key}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{digest}".encode(), "sha256").hex()
    authorization = f"AWS4-HMAC-SHA256 Credential={access_key}/{scope}, SignedHeaders={names}, Signature={signature}"
    return {**signs, "Authorization": authorization}


def _tls(probe: S3Probe) -> ssl.SSLContext | None:
    return ssl.create_default_context() if probe.tls else None


def _bucket_names(body: bytes) -> set[str] | None:
    if b"<!DOCTYPE" in body:
        return None  # nothing that has a right to be here
    try:
        tree = ElementTree.fromstring(body)
    except ElementTree.ParseError:
        return None
    return {each.text or "" for each in tree.iter() if each.tag.endswith("}Name") or each.tag == "Name"}


def said(answer: Answer) -> str:
    """Why a store refuses, in its own word."""
    code = _CODE.search(answer.body)
    return code[1].decode() if code else one_line(answer.body.decode(errors="replace"), 80) or "nothing more"
