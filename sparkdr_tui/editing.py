"""A person's change to the plan, written into its file: name, phone and mail of a contact.

Comments, order and quotes stay, byte for byte. The file is whole at any moment, and what another hand changed
meanwhile is not written over. Contacts no node.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from sparkdr_tui.errors import UsageError
from sparkdr_tui.language import _
from sparkdr_tui.plan.load import builtin, load
from sparkdr_tui.plan.names import CONTACTS
from sparkdr_tui.plan.problems import PlanErrors
from sparkdr_tui.plan.reading import Unreadable, allowed, read
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.plan.values import replaced
from sparkdr_tui.writing import whole

Field = Literal["name", "phone", "email"]
FIELDS: tuple[Field, ...] = ("name", "phone", "email")
LONGEST = 200
"""Letters of a value."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The file as it was when somebody began to edit it."""

    folder: Path
    content: bytes

    @property
    def path(self) -> Path:
        """The file itself, wherever a link of that name leads."""
        return (self.folder / CONTACTS).resolve()


def begin(folder: Path) -> Opened:
    """Read the contacts of a plan to edit them; raises `UsageError` where they cannot be changed."""
    if folder.resolve() == builtin().resolve():
        raise UsageError(
            _("The built-in plan is part of the program: a change would be lost with its next version."),
            _("Make a copy of your own: sparkdr-tui plan init DIR, then: sparkdr-tui --plan DIR"),
        )
    opened = Opened(folder, _content(folder / CONTACTS))
    for place in (opened.path, opened.path.parent):
        if not os.access(place, os.W_OK):
            raise UsageError(
                _("{path} must not be written by you.").format(path=place),
                _("Start the cockpit as somebody who may write there, or ask who keeps the plan."),
            )
    return opened


def refuses(text: str) -> str:
    """Why a text cannot be a value; empty when it can."""
    if not allowed(text) or any(letter in text for letter in "\n\r\t"):
        return _("One line of text, without control characters.")
    return _("At most {count} letters.").format(count=LONGEST) if len(text) > LONGEST else ""


def save(opened: Opened, contact: str, values: Mapping[Field, str]) -> Plan:
    """Write the values of a contact; the plan as it is then. Raises `UsageError`, and then nothing was written."""
    content = changed(opened.content, contact, values)
    try:
        plan = load(opened.folder, {CONTACTS: content})
    except PlanErrors as errors:
        raise UsageError(_("The plan is not valid: {why}").format(why=errors.errors[0])) from None
    if content != opened.content or _content(opened.path) != content:
        _write(opened, content)
    return plan


def _write(opened: Opened, content: bytes) -> None:
    try:
        before = opened.path.stat()
        with whole(opened.path, stat.S_IMODE(before.st_mode)) as file:
            file.write(content)
            with suppress(PermissionError):  # who may not give files away owned it before, or owns it from here on
                os.chown(file.fileno(), before.st_uid, before.st_gid)
            if _content(opened.path) != opened.content:
                raise UsageError(
                    _("{path} was changed meanwhile; nothing was written.").format(path=opened.path),
                    _("Open it once more, and make your change to what it says now."),
                )
    except OSError as problem:
        raise _cannot(_("{path} cannot be written: {why}."), opened.path, problem) from problem


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        raise _cannot(_("{path} cannot be read: {why}."), path, problem) from problem


def _cannot(says: str, path: Path, problem: OSError) -> UsageError:
    return UsageError(says.format(path=path, why=problem.strerror or problem))


# -- the text ----------------------------------------------------------------------------------------


def changed(content: bytes, contact: str, values: Mapping[Field, str]) -> bytes:
    """The bytes of contacts.yaml with other values, and else as they were; raises `UsageError`."""
    wanted = _data(content)
    group = next((name for name in ("team", "external") if _person(wanted, name, contact) is not None), None)
    if group is None:
        raise UsageError(_("The plan has no contact {name}.").format(name=contact))
    text = content.decode()
    for field, value in values.items():
        if why := refuses(value):
            raise UsageError(why)
        if wanted[group][contact].get(field, "") != value:
            wanted[group][contact][field] = value
            text = replaced(text, (group, contact, field), value) or ""
    new = text.encode()
    if new != content and (not new or _data(new) != wanted):
        raise UsageError(
            _("{file} is written in a way that only hands can change.").format(file=CONTACTS),
            _("{name} shares its text with others, or goes over several lines: open the file in an editor.").format(
                name=contact
            ),
        )
    return new


def _person(data: Any, group: str, contact: str) -> Any:
    """What a file says of somebody; None where it says nothing, or is no list of people just now."""
    people = data.get(group)
    found = people.get(contact) if isinstance(people, dict) else None
    return found if isinstance(found, dict) else None


def _data(content: bytes) -> Any:
    try:
        return _unshared(read(CONTACTS, content).data)
    except Unreadable as error:
        raise UsageError(_("The plan is not valid: {why}").format(why=error.error)) from None


def _unshared(value: Any) -> Any:
    """Data in which nothing is shared, so that a change of one place is a change of that place alone."""
    if isinstance(value, dict):
        return {key: _unshared(each) for key, each in value.items()}
    return [_unshared(each) for each in value] if isinstance(value, list) else value
