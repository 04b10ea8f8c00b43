"""A run as one archive: journal, logs and reports, with a list of what everything must hash to. Changes no run.

The archive is the same whenever it is made of the same run: sorted, everything as old as the run's last record.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from sparkdr_tui.errors import SparkdrError, UsageError
from sparkdr_tui.language import _
from sparkdr_tui.record.lines import LOGS, NAME, complete
from sparkdr_tui.record.runs import FOLDER
from sparkdr_tui.report.links import Links
from sparkdr_tui.report.making import Made

MANIFEST = "manifest.sha256"
"""As `sha256sum --check` reads it; it lists everything else."""
KINDS = (".tar.gz", ".tgz", ".zip")
_SHORTEST = 8
"""Shorter secrets are masked in logs, but an ordinary word in a note is not taken for one of them."""
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Piece:
    """A file of the export: bytes, or the first `size` bytes of a file that may still grow."""

    size: int
    data: bytes = b""
    path: Path | None = None

    def open(self) -> BinaryIO:
        """To be read."""
        return io.BytesIO(self.data) if self.path is None else self.path.open("rb")

    def chunks(self) -> Iterator[bytes]:
        """All of it, never all at once."""
        left = self.size
        with self.open() as file:
            while left and (chunk := file.read(min(left, _CHUNK))):
                left -= len(chunk)
                yield chunk

    def sha256(self) -> str:
        """Its hash, hex."""
        found = hashlib.sha256()
        for chunk in self.chunks():
            found.update(chunk)
        return found.hexdigest()

    def holds(self, words: Iterable[bytes]) -> bool:
        """Whether one of `words` is in it, also across the borders of chunks."""
        wanted = tuple(words)
        kept, before = max(map(len, wanted), default=0), b""
        for chunk in self.chunks():
            if any(word in before + chunk for word in wanted):
                return True
            before = (before + chunk)[-kept:]
        return False


def pieces(made: Made, folder: Path) -> dict[str, Piece]:
    """The files of an export by their names in it.

    Unpacked, its folder is a state folder: `sparkdr-tui --state FOLDER runs verify` works on it.
    """
    inside = f"{FOLDER}/{folder.name}"
    found = {f"{inside}/{NAME}": _bytes(_journal(made, folder))}
    for path in sorted((folder / LOGS).glob("*")):
        if path.is_file() and not path.is_symlink():
            found[f"{inside}/{LOGS}/{path.name}"] = Piece(path.stat().st_size, path=path)
    links = Links(inside)
    found["report.html"] = _bytes(made.render("html", links).encode())
    found["report.md"] = _bytes(made.render("md", links).encode())
    found["report.json"] = _bytes(made.render("json", links).encode())
    lines = (f"{found[name].sha256()}  {name}\n" for name in sorted(found))
    found[MANIFEST] = _bytes("".join(lines).encode())
    return found


def _bytes(data: bytes) -> Piece:
    return Piece(len(data), data)


def _journal(made: Made, folder: Path) -> bytes:
    """The journal as the report has read it; a damaged one as it is."""
    data = (folder / NAME).read_bytes()
    if not made.content.journal.ok:
        return data
    return b"".join(line + b"\n" for line in complete(data)[: made.content.journal.records])


def refuse_secrets(found: Mapping[str, Piece], secrets: Iterable[str]) -> None:
    """What leaves the house holds no secret: logs are masked when they are written, and this looks again."""
    wanted = [secret.encode() for secret in secrets if len(secret) >= _SHORTEST]
    for name, piece in found.items():
        if piece.holds(wanted):
            raise SparkdrError(
                _("{file} holds a secret of the plan; nothing was packed.").format(file=name),
                _("Change that secret: somebody wrote it down where others can read it."),
            )


def kind_of(target: Path) -> str:
    """Which kind of archive a name asks for."""
    found = next((kind for kind in KINDS if target.name.lower().endswith(kind)), None)
    if found is None:
        raise UsageError(
            _("{path} names no kind of archive.").format(path=target),
            _("It must end in one of: {kinds}").format(kinds=", ".join(KINDS)),
        )
    return found


def pack(found: Mapping[str, Piece], top: str, at: datetime, kind: str, out: BinaryIO) -> None:
    """Write the archive; everything in it is in the folder `top`."""
    if kind == ".zip":
        _zip(found, top, at, out)
    else:
        _tar(found, top, at, out)


def _tar(found: Mapping[str, Piece], top: str, at: datetime, out: BinaryIO) -> None:
    with (
        gzip.GzipFile(fileobj=out, mode="wb", filename="", mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for name in sorted(found):
            member = tarfile.TarInfo(f"{top}/{name}")
            member.size, member.mode, member.mtime = found[name].size, 0o644, int(at.timestamp())
            with found[name].open() as file:
                archive.addfile(member, file)


def _zip(found: Mapping[str, Piece], top: str, at: datetime, out: BinaryIO) -> None:
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(found):
            member = zipfile.ZipInfo(f"{top}/{name}", at.astimezone(UTC).timetuple()[:6])
            member.compress_type = zipfile.ZIP_DEFLATED
            member.create_system, member.external_attr = 3, 0o644 << 16
            with archive.open(member, "w", force_zip64=True) as file:
                for chunk in found[name].chunks():
                    file.write(chunk)
