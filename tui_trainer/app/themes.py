"""The palette as Textual themes, for what Textual draws itself: inputs, lists, scroll bars, the palette of actions."""

from __future__ import annotations

from textual.theme import Theme

from tui_trainer.app.palette import Palette


def name_of(palette: Palette) -> str:
    return f"lab-{palette.name}" if palette.depth == "full" else f"lab-{palette.name}-{palette.depth}"


def theme(palette: Palette) -> Theme:
    """A theme that says the same as the palette, under the names that the style sheets use."""

    def colour(name: str) -> str:
        value = palette.hex(name)
        return value if value.startswith("#") else f"ansi_{value}"

    lift = colour("lift") if palette.depth != "none" else "ansi_default"
    variables = {
        "ground": colour("ground"),
        "raised": colour("raised"),
        "lift": lift,
        "rule": colour("line"),
        "dim": colour("dim"),
        "text-colour": colour("text"),
        "bright": colour("bright"),
        "you": colour("you"),
        "worse": colour("worse"),
        "ansi-background": "ansi_black" if palette.name == "dark" else "ansi_white",  # Textual asks for them in 16 colours
        "ansi-foreground": "ansi_white" if palette.name == "dark" else "ansi_black",
        "input-cursor-background": colour("text") if palette.tints else "ansi_white",
        "input-cursor-foreground": colour("ground") if palette.tints else "ansi_black",
        "input-selection-background": colour("you") if palette.tints else "ansi_bright_blue",
        "block-cursor-background": lift,
        "block-cursor-foreground": colour("bright"),
        "block-cursor-text-style": "bold",
        "block-hover-background": colour("raised"),
        "scrollbar": colour("line"),
        "scrollbar-hover": colour("faint"),
        "scrollbar-active": colour("you"),
        "scrollbar-background": colour("ground"),
        "scrollbar-background-hover": colour("ground"),
        "scrollbar-background-active": colour("ground"),
        "scrollbar-corner-color": colour("ground"),
        "footer-key-foreground": colour("bright"),
    }
    return Theme(
        name=name_of(palette),
        primary=colour("you"),
        secondary=colour("train"),
        accent=colour("you"),
        warning=colour("warn"),
        error=colour("worse"),
        success=colour("best"),
        foreground=colour("text"),
        background=colour("ground"),
        surface=colour("raised"),
        panel=lift,
        boost=colour("raised"),
        dark=palette.name == "dark",
        ansi=not palette.tints,
        variables=variables,
    )
