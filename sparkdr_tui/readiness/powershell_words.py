"""What a PowerShell script uses, as far as reading it can tell: programs it runs, variables it reads. Runs nothing."""

from __future__ import annotations

import re

from sparkdr_tui.readiness.bash_words import Words

_KEYWORDS = """
begin break catch class continue data do dynamicparam else elseif end exit filter finally for foreach from function if
in param process return switch throw trap try until using while
"""
_COMMENT = re.compile(r"<#.*?#>|(?<![`\w])#[^\n]*", re.DOTALL)
_HERE = re.compile(r"@'\n.*?\n'@|@\"\n.*?\n\"@", re.DOTALL)
_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"`]|`.|\"\")*\"", re.DOTALL)
_START = re.compile(
    r"(?:^|[;|{(}\n]|&&|\|\||=)[ \t]*(?:&[ \t]*)?([A-Za-z][\w.+-]*)(?=$|[\s;|)}])(?![ \t]*=)", re.MULTILINE
)
_CALLED = re.compile(r"&[ \t]*(\$[\w:.{}]+|\(|\"[^\"]*\$[^\"]*\")")
_FUNCTION = re.compile(r"\b(?:function|filter)\s+([\w-]+)", re.IGNORECASE)
_CMDLET = re.compile(r"[A-Za-z]+-[A-Za-z]+")
_ENV = re.compile(r"\$(?:\{env:(\w+)\}|env:(\w+))(\s*=(?!=))?", re.IGNORECASE)
_TESTED = re.compile(r"Get-Command\s+(?:-\w+\s+)*([A-Za-z][\w.+-]*)", re.IGNORECASE)


def words(script: str) -> Words:
    """What a script uses; cmdlets belong to PowerShell, and a variable that is missing is empty, no error."""
    bare = _COMMENT.sub("", _HERE.sub("''", script))
    unsure = tuple(dict.fromkeys(match[1] for match in _CALLED.finditer(bare)))
    code = _QUOTED.sub("''", bare)
    own = set(_KEYWORDS.split())
    own |= {name.lower() for name in _FUNCTION.findall(code)}
    found = {name for name in _START.findall(code) if name.lower() not in own and not _CMDLET.fullmatch(name)}
    env = list(_ENV.finditer(bare))
    assigned = {match[1] or match[2] for match in env if match[3]}
    return Words(
        commands=frozenset(found),
        tested=frozenset(_TESTED.findall(code)),
        assigned=frozenset(assigned),
        required=frozenset({match[1] or match[2] for match in env} - assigned),
        unsure=unsure,
    )
