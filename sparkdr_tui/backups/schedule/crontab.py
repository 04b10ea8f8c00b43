"""A user's crontab as bytes: our lines stand between two marks, and every byte outside them stays as it is. Pure.

The block goes to the top: a SHELL=, PATH= or HOME= of the user counts only for the lines below it, and a last line
without an end stays as it is.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from sparkdr_tui.backups.schedule.jobs import Job, for_sh
from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.language import _
from sparkdr_tui.text import one_line

LONGEST = 998
"""Characters of a command that every cron takes."""
_BEGIN, _END = "# >>> sparkdr-tui (", "# <<< sparkdr-tui ("
_LINE = re.compile(rb"[^\n]*\n|[^\n]+")
"""A line as cron has it: only a newline ends one."""
_SAID = '# Written by "sparkdr-tui backup schedule --install", which replaces all that is between these marks.'


@dataclass(frozen=True, slots=True)
class Parts:
    """A crontab, cut at the marks of one plan; `block` includes both, and is empty where there is none."""

    before: bytes
    block: bytes
    after: bytes


def marks(plan_name: str) -> tuple[str, str]:
    """The first and the last line of a plan's block."""
    name = one_line(plan_name, 100)
    return f"{_BEGIN}{name}) >>>", f"{_END}{name}) <<<"


def line(job: Job) -> str:
    """The line of a job; cron takes `%` for the end of a line unless a backslash is before it."""
    hour, minute = job.schedule.clock
    days = "1-7" if job.schedule.monthly else "*"
    command = for_sh(job).replace("%", "\\%")
    if len(command.encode()) > LONGEST:
        raise SparkdrError(_("The line of job {name} is too long for cron.").format(name=job.name))
    return f"{minute} {'*' if hour is None else hour} {days} * * {command}"


def block(plan_name: str, jobs: Sequence[Job]) -> bytes:
    """The lines between the marks, and the marks."""
    begin, end = marks(plan_name)
    lines = [begin, _SAID, *(text for job in jobs for text in (f"# {job.name}", line(job))), end]
    return "".join(f"{each}\n" for each in lines).encode()


def cut(crontab: bytes, plan_name: str) -> Parts:
    """The crontab, cut at the marks; raises `SparkdrError` where somebody damaged them."""
    begin, end = marks(plan_name)
    lines = _LINE.findall(crontab)
    bare = [each.rstrip(b"\r\n").decode(errors="replace") for each in lines]
    begins = [at for at, each in enumerate(bare) if each == begin]
    ends = [at for at, each in enumerate(bare) if each == end]
    if not begins and not ends:
        return Parts(b"", b"", crontab)
    if len(begins) != 1 or len(ends) != 1 or begins[0] > ends[0]:
        raise _damaged(begin, end)
    first, last = begins[0], ends[0]
    if any(each.startswith((_BEGIN, _END)) for each in bare[first + 1 : last]):
        raise _damaged(begin, end)
    return Parts(b"".join(lines[:first]), b"".join(lines[first : last + 1]), b"".join(lines[last + 1 :]))


def installed(crontab: bytes, plan_name: str) -> dict[str, str]:
    """The lines of the block, by the name of their job."""
    lines = cut(crontab, plan_name).block.decode(errors="replace").splitlines()
    return {
        name.removeprefix("# "): each
        for name, each in itertools.pairwise(lines)
        if name.startswith("# ") and not each.startswith("#")
    }


def with_jobs(crontab: bytes, plan_name: str, jobs: Sequence[Job]) -> bytes:
    """The crontab with the plan's block as it should be: where it was, else at the top."""
    parts = cut(crontab, plan_name)
    return parts.before + block(plan_name, jobs) + parts.after


def without_jobs(crontab: bytes, plan_name: str) -> bytes:
    """The crontab without the plan's block."""
    parts = cut(crontab, plan_name)
    return parts.before + parts.after


def _damaged(begin: str, end: str) -> SparkdrError:
    return SparkdrError(
        _("The marks of this plan in the crontab are damaged; nothing was changed."),
        _("There must be one line “{begin}” and, below it, one line “{end}”: see `crontab -e`.").format(
            begin=begin, end=end
        ),
    )
