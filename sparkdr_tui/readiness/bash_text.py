"""The words of a bash script and what is expanded in them: where each one ends, which variables it reads."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass, field

ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)(\[[^\]]*\])?\+?=")
_PARAMETER = re.compile(r"#?([A-Za-z_]\w*)(\[[^\]]*\])?(:?[-+=?])?")


@dataclass(slots=True)
class Word:
    """One word: as written, and what it says where nothing in it is to be expanded."""

    raw: str
    literal: str | None


@dataclass(slots=True)
class Used:
    """What was found so far."""

    calls: list[list[Word]] = field(default_factory=list)
    functions: set[str] = field(default_factory=set)
    runners: set[str] = field(default_factory=set)
    """Functions that run what they are given."""
    assigned: set[str] = field(default_factory=set)
    read: set[str] = field(default_factory=set)
    defaulted: set[str] = field(default_factory=set)


@dataclass(slots=True)
class WordReader(ABC):
    """A place in a script, and how to go on from there word by word."""

    text: str
    used: Used
    at: int = 0

    @abstractmethod
    def read_list(self, end: str) -> str:
        """Commands up to `end`; a word may hold some."""

    def word(self, *, expand: bool = True) -> Word:
        """One word; what is to be expanded in it makes it no literal, and is read for what it uses."""
        start, said, literal = self.at, "", True
        while self.at < len(self.text):
            char = self.text[self.at]
            if char in " \t\n;&|()<>" or (char == "`" and not expand):
                if char == "(" and self.text[start : self.at].endswith("=") and ASSIGNMENT.match(self.text, start):
                    self.at += 1
                    self.words_until(")")
                    literal = False
                    continue
                break
            if char == "\\":
                said += self.text[self.at + 1 : self.at + 2].strip("\n")
                self.at += 2
            elif char == "'":
                end = self.text.find("'", self.at + 1)
                end = len(self.text) if end < 0 else end
                said += self.text[self.at + 1 : end]
                self.at = end + 1
            elif char == '"':
                self.at += 1
                inside = self.quoted_text('"')
                literal = literal and inside is not None
                said += inside or ""
            elif char == "$" and expand:
                literal = not self._expansion() and literal
                said += "" if not literal else "$"
            elif char == "`":
                self.at += 1
                self.read_list("`")
                literal = False
            else:
                said += char
                self.at += 1
        return Word(self.text[start : self.at], said if literal else None)

    def quoted_text(self, end: str) -> str | None:
        """What stands in double quotes or in a here-document; None where something in it is expanded."""
        said, literal = "", True
        while self.at < len(self.text):
            char = self.text[self.at]
            if char == end:
                self.at += 1
                break
            if char == "\\":
                said += self.text[self.at + 1 : self.at + 2].strip("\n")
                self.at += 2
            elif char == "$":
                expanded = self._expansion()
                literal = literal and not expanded
                said += "" if expanded else "$"
            elif char == "`":
                self.at += 1
                self.read_list("`")
                literal = False
            else:
                said += char
                self.at += 1
        return said if literal else None

    def _expansion(self) -> bool:
        """Read what a `$` begins; False where it is only a dollar sign."""
        if self.next("$(("):
            self.skip_arithmetic(3)
        elif self.next("$("):
            self.at += 2
            self.read_list(")")
        elif self.next("${"):
            self._parameter()
        elif found := re.compile(r"\$([A-Za-z_]\w*)").match(self.text, self.at):
            self.used.read.add(found[1])
            self.at = found.end()
        elif found := re.compile(r"\$[0-9@*#?$!_-]").match(self.text, self.at):
            self.at = found.end()
        else:
            self.at += 1
            return False
        return True

    def _parameter(self) -> None:
        """`${NAME…}`: with a default the name may be missing, with `?` it must not."""
        self.at += 2
        found = _PARAMETER.match(self.text, self.at)
        if found is not None:
            name, how = found[1], found[3] or ""
            if how.endswith(("-", "+", "=")):
                self.used.defaulted.add(name)
            else:
                self.used.read.add(name)
            self.at = found.end()
        self.quoted_text("}")

    def skip_arithmetic(self, opening: int) -> None:
        """To the end of `((…))`; expansions in it are read."""
        self.at += opening
        depth = 2
        while self.at < len(self.text) and depth:
            char = self.text[self.at]
            if char == "$":
                self._expansion()
                continue
            depth += {"(": 1, ")": -1}.get(char, 0)
            self.at += 1

    # -- small steps -------------------------------------------------------------------------------------

    def next(self, said: str) -> bool:
        """Whether this comes next."""
        return self.text.startswith(said, self.at)

    def skip_to(self, char: str) -> None:
        """To the next `char`, or the end."""
        end = self.text.find(char, self.at)
        self.at = len(self.text) if end < 0 else end

    def spaces(self) -> None:
        """Over spaces, and lines that go on."""
        while self.next(" ") or self.next("\t") or self.next("\\\n"):
            self.at += 2 if self.next("\\\n") else 1

    def blank(self) -> None:
        """Over spaces, empty lines and comments."""
        while self.at < len(self.text) and self.text[self.at] in " \t\n#":
            if self.text[self.at] == "#":
                self.skip_to("\n")
            else:
                self.at += 1

    def words_until(self, end: str) -> None:
        """Words that run nothing, up to `end`."""
        while self.at < len(self.text) and not self.next(end):
            self.blank()
            if self.at < len(self.text) and not self.next(end):
                before = self.at
                self.word()
                self.at = max(self.at, before + 1)
        self.at += 1

    def until_word(self, last: str) -> None:
        """Words that run nothing, up to and with the word `last`."""
        while self.at < len(self.text):
            self.blank()
            before = self.at
            if self.word().raw == last:
                return
            self.at = max(self.at, before + 1)

    def until_separator(self) -> None:
        """Words that run nothing, up to the end of the line or of the command."""
        while self.at < len(self.text) and self.text[self.at] not in ";\n":
            self.spaces()
            before = self.at
            if self.at < len(self.text) and self.text[self.at] not in ";\n":
                self.word()
                self.at = max(self.at, before + 1)
