"""What a bash script uses, as far as reading it can tell: commands it runs, variables it reads. Runs nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from sparkdr_tui.readiness.bash_reader import PLAIN, Reader
from sparkdr_tui.readiness.bash_text import ASSIGNMENT, Used, Word

_BUILTINS = """
: . [ alias bg bind break builtin caller cd command compgen complete continue declare dirs disown echo enable eval
exec exit export false fc fg getopts hash help history jobs kill let local logout mapfile popd printf pushd pwd read
readarray readonly return set shift shopt source suspend test times trap true type typeset ulimit umask unalias
unset wait
"""
_WRAPPERS = {
    "command": "", "exec": "a", "builtin": "", "nohup": "", "nice": "n", "sudo": "ugpCDhRT", "env": "uCS",
    "xargs": "InPLdas", "caffeinate": "wt", "time": "",
}  # fmt: skip
"""Commands that run another one, with the letters of their options that take a word."""


@dataclass(frozen=True, slots=True)
class Words:
    """What a script uses."""

    commands: frozenset[str] = frozenset()
    """Names (or absolute paths) of what it runs; neither builtins nor its own functions."""
    tested: frozenset[str] = frozenset()
    """Commands that it asks for first (`command -v`): it copes without them."""
    sources: frozenset[str] = frozenset()
    """Files that it reads into itself; they may change its PATH."""
    assigned: frozenset[str] = frozenset()
    required: frozenset[str] = frozenset()
    """Variables that it reads and never sets nor has a default for: without them it fails."""
    unsure: tuple[str, ...] = ()
    """Words in the place of a command that only running the script would tell."""


def words(script: str) -> Words:
    """What a script uses."""
    used = Used()
    Reader(script, used).read_list("")
    commands: set[str] = set()
    tested: set[str] = set()
    sources: set[str] = set()
    unsure: list[str] = []
    for call in used.calls:
        for kind, word in _judged(call, used):
            match kind:
                case "runs":
                    commands.add(word)
                case "tests":
                    tested.add(word)
                case "sources":
                    sources.add(word)
                case "unsure" if word not in unsure:
                    unsure.append(word)
    return Words(
        commands=frozenset(commands - frozenset(_BUILTINS.split()) - used.functions),
        tested=frozenset(tested),
        sources=frozenset(sources),
        assigned=frozenset(used.assigned),
        required=frozenset(used.read - used.assigned - used.defaulted),
        unsure=tuple(unsure),
    )


# -- simple commands -----------------------------------------------------------------------------------


def _judged(call: list[Word], used: Used) -> Iterator[tuple[str, str]]:
    """What a simple command runs: itself, and what it is told to run."""
    name, rest = call[0].literal, call[1:]
    if name is None:
        if call[0].raw.strip('"') not in ("$@", "$*"):
            yield "unsure", call[0].raw
        return
    if name in (".", "source"):
        yield from (("sources", rest[0].literal or rest[0].raw) for _ in rest[:1])
        return
    if name == "command" and rest and rest[0].literal in ("-v", "-V"):
        yield from (("tests", each.literal) for each in rest[1:] if each.literal)
        return
    if name in ("[", "test", "[["):
        pairs = pairwise(rest)
        yield from (("tests", path.literal) for flag, path in pairs if flag.literal == "-x" and path.literal)
        return
    if name == "eval":
        yield "unsure", " ".join(["eval", *(each.raw for each in rest)])
        return
    if "/" in name and not name.startswith("/"):
        yield "unsure", name
    else:
        yield "runs", name
    yield from _told(name, rest, used)


def _told(name: str, rest: list[Word], used: Used) -> Iterator[tuple[str, str]]:
    """What a command that runs others was told to run."""
    if name in _WRAPPERS:
        inner = _after_options(rest, _WRAPPERS[name])
        if inner:
            yield from _judged(inner, used)
    elif name in ("bash", "sh") and len(rest) > 1 and rest[0].literal == "-c":
        yield from _inner(rest[1])
    elif name == "trap" and rest:
        yield from _inner(rest[0])
    elif name == "find":
        for at, word in enumerate(rest[:-1]):
            if word.literal in ("-exec", "-execdir", "-ok"):
                yield from _judged(rest[at + 1 :], used)
    elif name in used.runners or any("exec @ARGV" in each.raw for each in rest):
        given = [each.literal for each in rest if each.literal and PLAIN.fullmatch(each.literal)]
        yield from (("runs", each) for each in given[:1])


def _inner(word: Word) -> Iterator[tuple[str, str]]:
    """A script within a script."""
    if word.literal is None:
        yield "unsure", word.raw
        return
    found = words(word.literal)
    yield from (("runs", each) for each in found.commands)
    yield from (("unsure", each) for each in found.unsure)


def _after_options(rest: list[Word], with_word: str) -> list[Word]:
    at = 0
    while at < len(rest):
        said = rest[at].literal or ""
        if said == "--":
            return rest[at + 1 :]
        if said.startswith("-") and len(said) > 1:
            at += 2 if len(said) == 2 and said[1] in with_word else 1
        elif ASSIGNMENT.match(rest[at].raw):
            at += 1
        else:
            break
    return rest[at:]
