"""Our own colours: a calm dark theme, one of high contrast, and the colour of each ink in whatever theme is in use."""

from __future__ import annotations

from collections.abc import Mapping

from rich.style import Style
from textual.color import Color
from textual.theme import Theme

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

THEMES = (DARK, CONTRAST)


def inks(variables: Mapping[str, str], *, colourless: bool) -> dict[str, Style]:
    """The style of each ink of `painting.INKS`, from the variables that every theme has."""
    ground = Color.parse(variables["background"])

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
        "dim": ink("foreground", 0.62, dim=ground.ansi is not None or None),
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
