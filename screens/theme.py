"""Our own colours: a calm dark theme, and one of high contrast. The style sheets use only variables every theme has."""

from __future__ import annotations

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
