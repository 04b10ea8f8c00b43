"""Reads a bash script command by command and notes what it uses: an honest little reader, and no shell."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sparkdr_tui.readiness.bash_text import ASSIGNMENT, Word, WordReader

PLAIN = re.compile(r"[A-Za-z_][\w.@+-]*")
_KEYWORDS = ("if", "then", "elif", "else", "fi", "do", "done", "while", "until", "!", "time", "coproc", "esac")
_SETTERS = ("export", "readonly", "local", "declare", "typeset", "read", "unset", "getopts")
_NAME = re.compile(r"[A-Za-z_]\w*")
_SEPARATORS = ";&|\n"


@dataclass(slots=True)
class Reader(WordReader):
    """Goes through a script from front to end."""

    heredocs: list[tuple[str, bool]] = field(default_factory=list)
    """Those that begin after this line: their last line, and whether they are expanded."""
    function: str = ""
    """The one whose body this is."""

    def read_list(self, end: str) -> str:
        """Commands up to `end` (nothing: the end of the script); what ended them."""
        call: list[Word] = []
        while self.at < len(self.text):
            char = self.text[self.at]
            if end and len(end) == 1 and char == end and not (end == "}" and call):
                self._ended(call)
                self.at += 1
                return end
            if char in " \t" or self.next("\\\n"):
                self.at += 1 if char in " \t" else 2
            elif char == "#":
                self.skip_to("\n")
            elif char in _SEPARATORS:
                self._ended(call)
                call = []
                if end == ";;" and self.next(";;"):
                    self.at += 3 if self.next(";;&") else 2
                    return ";;"
                self._separator()
            elif char == ")":
                self.at += 1  # of a pattern that was not understood: not ours to judge
            elif char == "(":
                self._parenthesis(call)
            elif char in "<>":
                self._redirection()
            else:
                word = self.word()
                if word.raw.isdigit() and self.at < len(self.text) and self.text[self.at] in "<>":
                    continue
                if not call and self._keyword(word):
                    if word.raw == "esac" and end == ";;":
                        return "esac"
                    continue
                if not call and self._function(word):
                    continue
                call.append(word)
        self._ended(call)
        return ""

    def _ended(self, call: list[Word]) -> None:
        """A simple command is whole."""
        while call and (match := ASSIGNMENT.match(call[0].raw)):
            self.used.assigned.add(match[1])
            del call[0]
        if not call:
            return
        name = call[0].literal
        if name in _SETTERS:
            for word in call[1:]:
                if not word.raw.startswith("-") and (match := _NAME.match(word.raw)):
                    self.used.assigned.add(match[0])
        ran = call[0].raw.strip('"') in ("$@", "$*") or any("exec @ARGV" in each.raw for each in call)
        if self.function and ran and any(each.raw.strip('"') in ("$@", "$*") for each in call):
            self.used.runners.add(self.function)
        self.used.calls.append(list(call))

    def _separator(self) -> None:
        newline = self.text[self.at] == "\n"
        self.at += 1
        if newline and self.heredocs:
            self._bodies()

    def _keyword(self, word: Word) -> bool:
        """Whether a word in the place of a command belongs to the language; what belongs to it is read."""
        match word.raw:
            case raw if raw in _KEYWORDS:
                return True
            case "{":
                self.read_list("}")
            case "for" | "select":
                self.spaces()
                name = self.word().raw
                if _NAME.fullmatch(name):
                    self.used.assigned.add(name)
                self.until_separator()
            case "case":
                self._case()
            case "[[":
                self.until_word("]]")
            case "function":
                self.spaces()
                self._body(self.word().raw)
            case _:
                return False
        return True

    def _function(self, word: Word) -> bool:
        """Whether this defines a function; then its body is read."""
        found = re.compile(r"[ \t]*\([ \t]*\)").match(self.text, self.at)
        if found is None or not PLAIN.fullmatch(word.raw):
            return False
        self._body(word.raw)
        return True

    def _body(self, name: str) -> None:
        self.used.functions.add(name)
        found = re.compile(r"[ \t]*(?:\([ \t]*\))?\s*([{(])").match(self.text, self.at)
        if found is None:
            return
        self.at = found.end()
        before, self.function = self.function, name
        self.read_list("}" if found[1] == "{" else ")")
        self.function = before

    def _parenthesis(self, call: list[Word]) -> None:
        if self.next("(("):
            self.skip_arithmetic(2)
            return
        self.at += 1
        if call:  # an array, or something that is not understood
            self.words_until(")")
        else:
            self.read_list(")")

    def _case(self) -> None:
        self.spaces()
        self.word()
        self.until_word("in")
        while self.at < len(self.text):
            self.blank()
            if re.compile(r"esac\b").match(self.text, self.at):
                self.at += 4
                return
            if self.next("("):
                self.at += 1
            self.words_until(")")
            if self.read_list(";;") != ";;":
                return

    def _redirection(self) -> None:
        """Where output goes or input comes from is no command; a here-document begins after this line."""
        if self.next("<(") or self.next(">("):
            self.at += 2
            self.read_list(")")
            return
        found = re.compile(r"<<<|<<-?|[<>]&|>>|>\||<>|[<>]").match(self.text, self.at)
        assert found is not None  # whoever calls has seen one
        self.at = found.end()
        self.spaces()
        start = self.at
        if found[0].startswith("<<") and found[0] != "<<<":
            word = self.word(expand=False)
            raw = self.text[start : self.at]
            self.heredocs.append((word.literal or raw, raw == word.literal))
        elif self.at < len(self.text) and self.text[self.at] not in _SEPARATORS:
            self.word()

    def _bodies(self) -> None:
        """The here-documents that begin here."""
        for last, expanded in self.heredocs:
            lines = []
            while self.at < len(self.text):
                end = self.text.find("\n", self.at)
                line = self.text[self.at : end if end >= 0 else len(self.text)]
                self.at = end + 1 if end >= 0 else len(self.text)
                if line.strip("\t") == last:
                    break
                lines.append(line)
            if expanded:
                Reader("\n".join(lines), self.used).quoted_text("")
        self.heredocs.clear()
