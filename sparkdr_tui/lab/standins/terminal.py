"""How stand-in commands speak: plain text to stdout and stderr, columns as the originals lay them out."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import NoReturn


def out(text: str) -> None:
    """A line (or lines) to stdout."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def err(text: str) -> None:
    """A line (or lines) to stderr."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def columns(rows: Sequence[Sequence[str]], gap: str = " ") -> str:
    """Rows as left-aligned columns, the last one unpadded."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return "\n".join(
        gap.join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def split_options(arguments: Sequence[str]) -> tuple[set[str], list[str]]:
    """Options (words that begin with a hyphen) and operands; everything after `--` is an operand."""
    options: set[str] = set()
    operands: list[str] = []
    for at, word in enumerate(arguments):
        if word == "--":
            return options, [*operands, *arguments[at + 1 :]]
        if word.startswith("-") and word != "-":
            options.add(word)
        else:
            operands.append(word)
    return options, operands


def become(words: Sequence[str], env: Mapping[str, str] | None = None, as_name: str = "") -> NoReturn:
    """Replace this process by a program (an absolute path), which keeps the pid; `as_name` is what `ps` shows."""
    sys.stdout.flush()
    os.execve(words[0], [as_name or words[0], *words[1:]], {**os.environ, **(env or {})})
