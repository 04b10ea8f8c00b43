"""Our own colours: calm ones, dark and light, the same of high contrast, and each ink's in whatever theme is in use."""

from __future__ import annotations

from collections.abc import Mapping

from rich.style import Style
from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

DARK = Theme(
    name="sparkdr-dark",
    primary="#6cb6e0",
    secondary="#4f7f9c",
    accent="#c3a6e6",
    foreground="#cdd6df",
    background="#0e1318",
    surface="#141b22",
    panel="#1c252e",
    success="#86c98c",
    warning="#e3b552",
    error="#ee7b83",
    dark=True,
    variables={
        "border": "#6cb6e0",
        "border-blurred": "#33414d",
        "footer-key-foreground": "#6cb6e0",
        "scrollbar": "#33414d",
        "scrollbar-hover": "#4f7f9c",
        "scrollbar-active": "#6cb6e0",
        "scrollbar-background": "#0e1318",
        "scrollbar-background-hover": "#0e1318",
        "scrollbar-background-active": "#0e1318",
    },
)

CONTRAST = Theme(
    name="sparkdr-contrast",
    primary="#5fd7ff",
    secondary="#ffffff",
    accent="#ff87ff",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#262626",
    success="#5fff5f",
    warning="#ffff00",
    error="#ff5f5f",
    dark=True,
    variables={
        "border": "#ffffff",
        "border-blurred": "#949494",
        "footer-key-foreground": "#5fd7ff",
        "scrollbar": "#949494",
        "scrollbar-background": "#000000",
    },
)

LIGHT = Theme(
    name="sparkdr-light",
    primary="#0b6294",
    secondary="#5c7686",
    accent="#6a3d9a",
    foreground="#24303a",
    background="#f7f8f9",
    surface="#ebeff2",
    panel="#dfe5ea",
    success="#1b7031",
    warning="#805200",
    error="#b3261e",
    dark=False,
    variables={
        "border": "#0b6294",
        "border-blurred": "#b4c0c9",
        "footer-key-foreground": "#0b6294",
        "scrollbar": "#b4c0c9",
        "scrollbar-hover": "#5c7686",
        "scrollbar-active": "#0b6294",
        "scrollbar-background": "#f7f8f9",
        "scrollbar-background-hover": "#f7f8f9",
        "scrollbar-background-active": "#f7f8f9",
    },
)

CONTRAST_LIGHT = Theme(
    name="sparkdr-contrast-light",
    primary="#003e8a",
    secondary="#000000",
    accent="#6a0080",
    foreground="#000000",
    background="#ffffff",
    surface="#ffffff",
    panel="#d9d9d9",
    success="#005a17",
    warning="#6b4000",
    error="#9c0006",
    dark=False,
    variables={
        "border": "#000000",
        "border-blurred": "#6b6b6b",
        "footer-key-foreground": "#003e8a",
        "scrollbar": "#6b6b6b",
        "scrollbar-background": "#ffffff",
    },
)

THEMES = (DARK, LIGHT, CONTRAST, CONTRAST_LIGHT)

_preferred = DARK.name


def names() -> list[str]:
    """Every theme there is, ours first."""
    return [*(theme.name for theme in THEMES), *sorted(BUILTIN_THEMES)]


def use(name: str | None) -> None:
    """Begin with this theme, or with ours where none is named; `preferences` saw to it that there is one."""
    global _preferred
    _preferred = name or DARK.name


def preferred() -> str:
    """The theme to begin with."""
    return _preferred


def inks(variables: Mapping[str, str], *, colourless: bool) -> dict[str, Style]:
    """The style of each ink of `painting.INKS`, from the variables that every theme has."""
    ground = Color.parse(variables["background"])
    muted = 0.62 if ground.brightness < 0.5 else 0.78  # how much of the foreground is left where text is muted

    def colour(name: str, share: float = 1.0) -> Color:
        wanted = Color.parse(variables[name])
        return wanted if wanted.ansi is not None or ground.ansi is not None else ground.blend(wanted, share)

    def ink(name: str, share: float = 1.0, *, bold: bool | None = None, dim: bool | None = None) -> Style:
        return Style(color=colour(name, share).rich_color, bold=bold, dim=dim)

    def lit(name: str, share: float) -> Style:
        """A ground for a whole line; where there are no colours to mix, the line is reversed."""
        if colourless or ground.ansi is not None:
            return Style(reverse=True) if share > 0.2 else Style(underline=True)
        return Style(bgcolor=colour(name, share).rich_color)

    return {
        "plain": Style.null(),
        "dim": ink("foreground", muted, dim=ground.ansi is not None or None),
        "strong": Style(bold=True),
        "title": ink("primary", bold=True),
        "good": ink("success"),
        "warn": ink("warning"),
        "bad": ink("error"),
        "live": ink("primary"),
        "link": ink("accent"),
        "match": Style(color=ground.rich_color, bgcolor=colour("warning").rich_color),
        "edge": ink("border-blurred"),
        "lit": ink("border"),
        "key": ink("primary", bold=True),
        "cursor": lit("primary", 0.26) + Style(bold=True),
        "cursor-away": lit("foreground", 0.09),
    }
