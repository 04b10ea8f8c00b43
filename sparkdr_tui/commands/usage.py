"""What the library of the command line says by itself, in the language in use: headings of a help, wrong usage."""

from __future__ import annotations

import re
from typing import Any

import typer

from sparkdr_tui.language import _, current, later

HELP = ["-h", "--help"]
_SAYS = (
    (r"Missing argument '(?P<name>[^']+)'\.", later("Argument {name} is missing.")),
    (r"Missing option '(?P<name>[^']+)'\.", later("Option {name} is missing.")),
    (r"Missing command\.", later("A command is missing.")),
    (r"No such option: (?P<name>\S+)", later("There is no option {name}.")),
    (
        r"No such option: (?P<name>\S+) \(Possible options: (?P<near>.+)\)",
        later("There is no option {name}. There is: {near}"),
    ),
    (r"No such command '(?P<name>[^']+)'\.", later("There is no command {name}.")),
    (
        r"No such command '(?P<name>[^']+)'\. Did you mean (?P<near>.+)\?",
        later("There is no command {name}. There is: {near}"),
    ),
    (r"Option '(?P<name>[^']+)' requires an argument\.", later("Option {name} needs a value.")),
    (r"Option '(?P<name>[^']+)' does not take a value\.", later("Option {name} takes no value.")),
    (r"Got unexpected extra argument\(s\) \((?P<name>.+)\)", later("There is too much: {name}")),
    (
        r"Invalid value for '(?P<name>[^']+)': '?(?P<value>.*?)'? is not one of (?P<near>.+?)\.?",
        later("{name}: “{value}” is none of {near}."),
    ),
    (r"Invalid value for '(?P<name>[^']+)': (?P<why>.+)", later("{name}: {why}")),
)
"""What it says, and our sentence for it."""


def said(message: str) -> str:
    """A message about wrong usage; where we have no sentence of our own for it, as the library says it."""
    if current() == "en":
        return message
    for pattern, sentence in _SAYS:
        if found := re.fullmatch(pattern, message, re.DOTALL):
            return _(sentence).format(**found.groupdict())
    return message


def speak(command: Any) -> None:
    """Say the headings of a command's help, and what options that the library adds do, in the language in use."""
    from typer import rich_utils

    rich_utils.ARGUMENTS_PANEL_TITLE = _("Arguments")
    rich_utils.OPTIONS_PANEL_TITLE = _("Options")
    rich_utils.COMMANDS_PANEL_TITLE = _("Commands")
    rich_utils.REQUIRED_LONG_STRING = _("[required]")
    rich_utils.DEFAULT_STRING = _("[default: {}]")
    rich_utils.ENVVAR_STRING = _("[env var: {}]")
    _speak(command)


def _speak(command: Any) -> None:
    texts = {
        "help": _("Show this message and exit."),
        "install_completion": _("Install completion for the current shell."),
        "show_completion": _("Show completion for the current shell, to copy it or customize the installation."),
    }
    for option in [*command.params, command.get_help_option(typer.Context(command, help_option_names=HELP))]:
        if option is not None and option.name in texts:
            option.help = texts[option.name]
    for each in getattr(command, "commands", {}).values():
        _speak(each)
