"""Our themes can be read: the contrast of every ink is computed as WCAG does, in true colour and in 256 colours."""

from __future__ import annotations

import pytest
from rich.color import Color as RichColor
from rich.color import ColorSystem
from textual.color import Color
from textual.theme import Theme

from screens import theme

TEXT = ("dim", "good", "warn", "bad", "live", "link", "title", "key")
GROUNDS = ("background", "surface")


def luminance(colour: RichColor) -> float:
    """By WCAG 2: of the sRGB channels, made linear."""
    channels = [each / 255 for each in colour.get_truecolor()]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: RichColor, other: RichColor) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def variables(of: Theme) -> dict[str, str]:
    return {**of.to_color_system().generate(), **of.variables}


def rich(colour: str) -> RichColor:
    return Color.parse(colour).rich_color


def test_contrast_is_computed_as_wcag_says() -> None:
    assert contrast(rich("#000000"), rich("#ffffff")) == pytest.approx(21)
    assert contrast(rich("#777777"), rich("#ffffff")) == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("of", theme.THEMES, ids=[each.name for each in theme.THEMES])
@pytest.mark.parametrize("depth", [ColorSystem.TRUECOLOR, ColorSystem.EIGHT_BIT])
def test_every_ink_can_be_read_on_every_ground(of: Theme, depth: ColorSystem) -> None:
    known = variables(of)
    inks = theme.inks(known, colourless=False)
    least = 7.0 if "contrast" in of.name and depth is ColorSystem.TRUECOLOR else 4.5
    found = {"foreground": rich(known["foreground"])}
    found |= {name: style.color for name in TEXT if (style := inks[name]).color is not None}
    assert len(found) == len(TEXT) + 1
    for name, colour in found.items():
        for ground in GROUNDS:
            shown, under = colour.downgrade(depth), rich(known[ground]).downgrade(depth)
            assert contrast(shown, under) >= least, (name, ground, contrast(shown, under))


@pytest.mark.parametrize("of", theme.THEMES, ids=[each.name for each in theme.THEMES])
def test_words_in_lit_lines_bars_and_matches_can_be_read(of: Theme) -> None:
    known = variables(of)
    inks = theme.inks(known, colourless=False)
    plain = rich(known["foreground"])
    for name in ("cursor", "cursor-away"):
        under = inks[name].bgcolor
        assert under is not None and contrast(plain, under) >= 4.5, name
        muted = inks["dim"].color
        assert muted is not None and contrast(muted, under) >= 3, name
    match = inks["match"]
    assert match.color is not None and match.bgcolor is not None and contrast(match.color, match.bgcolor) >= 4.5
    ground = Color.parse(known["background"])
    for name, share in (("warning", 0.22), ("error", 0.28)):  # the incident bar: see cockpit.tcss
        under = ground.blend(Color.parse(known[name]), share).rich_color
        assert contrast(plain, under) >= 4.5, name


@pytest.mark.parametrize("of", theme.THEMES, ids=[each.name for each in theme.THEMES])
def test_the_frame_with_the_focus_stands_out_from_the_others(of: Theme) -> None:
    """Frames at rest are quiet on purpose: they carry no meaning. The one with the focus does."""
    known = variables(of)
    ground = rich(known["background"])
    lit, quiet = contrast(rich(known["border"]), ground), contrast(rich(known["border-blurred"]), ground)
    assert lit >= 4.5 and lit > quiet >= (4.5 if "contrast" in of.name else 1.5)
