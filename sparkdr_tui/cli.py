"""The composition root: the global options, the commands put together, and how errors are told.

Every heavy import is inside the command that needs it: `--help` and `--version` must stay quick.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from io import TextIOWrapper
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from sparkdr_tui import __version__
from sparkdr_tui.commands import usage
from sparkdr_tui.config import load as load_config
from sparkdr_tui.crash import prepare, write_crash
from sparkdr_tui.errors import SparkdrError, UsageError
from sparkdr_tui.language import _, current, detect, use

if TYPE_CHECKING:
    from sparkdr_tui.commands.place import Place
    from sparkdr_tui.plan.model import Language
    from sparkdr_tui.plan.runbook import Plan

PROGRAM = "sparkdr-tui"
INTERRUPTED = 130


def main() -> None:
    """The program."""
    sys.excepthook = _crashed
    # What a client library logs (a query that was cancelled with its connection) must not write over a screen.
    for library in ("asyncssh", "psycopg", "urllib3"):
        logging.getLogger(library).addHandler(logging.NullHandler())
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Carry out a command line; its exit status. What nobody expected is raised."""
    use(_language(arguments))
    try:
        # Not called through the Typer: that puts its own hook for crashes in place of ours.
        command = typer.main.get_command(build())
        if current() != "en" or "typer.rich_utils" in sys.modules:
            usage.speak(command)
        status = command.main(args=list(arguments), prog_name=PROGRAM, standalone_mode=False)
    except typer.TyperException as error:
        said = usage.said(error.format_message().replace("Value error, ", ""))  # pydantic's, before what it is about
        _tell(said, _("“{command} --help” says more.").format(command=_command(error)))
        return error.exit_code
    except SparkdrError as error:
        _tell(error.message, error.hint)
        return error.exit_code
    except (KeyboardInterrupt, EOFError, typer.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read us has enough; nothing may be written on the way out either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return status if isinstance(status, int) else 0


def build() -> typer.Typer:
    """All commands, in the language in use."""
    from sparkdr_tui.commands import (
        backup,
        check,
        contacts,
        drill_start,
        drills,
        lab,
        paths,
        plan,
        report,
        run,
        runs,
        status,
    )

    app = typer.Typer(
        help=_("A terminal cockpit for disaster recovery. Without a command it opens the cockpit on the plan."),
        context_settings={"help_option_names": usage.HELP},
        pretty_exceptions_enable=False,
    )
    app.callback(invoke_without_command=True)(_start)
    for room in (status, runs, report, contacts, run, check, plan):
        room.register(app)
    app.command("observe", help=_("The cockpit without controls: follows the current run."), rich_help_panel=_("Look"))(
        observe
    )
    paths.register(app)
    app.command("keys", help=_("Every key of the cockpit, with its id."), rich_help_panel=_("Settings"))(keys)
    app.add_typer(backup.group(), name="backup", rich_help_panel=_("Backups"))
    drill = drills.group()
    drill_start.register(drill)
    app.add_typer(drill, name="drill", rich_help_panel=_("Act"))
    labs = lab.group()
    labs.callback(invoke_without_command=True)(_lab)
    app.add_typer(labs, name="lab", rich_help_panel=_("Plan and lab"))
    return app


def _start(
    context: typer.Context,
    plan: Annotated[
        Path | None,
        typer.Option("--plan", envvar="SPARKDR_PLAN", metavar="DIR", help=_("Folder of the plan; else the built-in.")),
    ] = None,
    state: Annotated[
        Path | None,
        typer.Option("--state", envvar="SPARKDR_STATE", metavar="DIR", help=_("Folder of the journals.")),
    ] = None,
    lang: Annotated[
        Literal["en", "ko"] | None, typer.Option("--lang", help=_("Language; else that of the environment."))
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config", envvar="SPARKDR_CONFIG", metavar="FILE", help=_("Config file: keys, theme, language.")
        ),
    ] = None,
    theme: Annotated[
        str | None,
        typer.Option("--theme", envvar="SPARKDR_THEME", metavar="NAME", help=_("Theme of the cockpit.")),
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=lambda asked: _version(asked), help=_("The version."))
    ] = False,
) -> None:
    from sparkdr_tui.commands.place import Place

    context.obj = Place(plan, state, config, theme)
    if context.invoked_subcommand is None:
        _open_cockpit(context.obj)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"{PROGRAM} {__version__}")
        raise typer.Exit


# -- the commands that open a screen: nowhere else does the engine's side know one -------------------


def observe(
    context: typer.Context,
    web: Annotated[bool, typer.Option("--web", help=_("In a browser; needs the extra “web”."))] = False,
    host: Annotated[
        str, typer.Option("--host", metavar="ADDRESS", help=_("With --web: where it listens."))
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help=_("With --web: its port; 0 takes any that is free."))
    ] = 8765,
    anybody: Annotated[
        bool,
        typer.Option("--anybody", help=_("With --host: yes, whoever reaches it may watch; there is no password.")),
    ] = False,
) -> None:
    """Follow the topology and the current run, without an engine and without credentials."""
    from sparkdr_tui.commands.place import here

    place = here(context)
    plan = place.load()
    prepare(None, tuple)  # an observer writes nothing into the state folder, and knows no secrets
    if web:
        raise typer.Exit(_serve(place, plan, host, port, anybody=anybody))
    served = os.environ.get("TEXTUAL_DRIVER", "").endswith(":WebDriver")
    if not served:
        _need_terminal()
    _prefer(place)
    from screens.app import run_cockpit
    from sparkdr_tui.watch.lookout import Lookout

    # There may be many browsers, and each of them asks every service.
    lookout = Lookout(plan, credentials=False, every=15.0 if served else 5.0)
    lookout.start()
    try:
        status = run_cockpit(plan, place.state_folder(plan), lookout, None)
    finally:
        lookout.stop()
    raise typer.Exit(status)


def _serve(place: Place, plan: Plan, host: str, port: int, *, anybody: bool) -> int:
    """The observer's cockpit for browsers: exactly this command, each in a process of its own."""
    try:
        from screens.web.guard import is_loopback
        from screens.web.server import serve
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] in ("sparkdr_tui", "screens"):
            raise
        raise UsageError(
            _("A browser needs the extra “web”, which is not installed."), 'pip install "sparkdr-tui[web]"'
        ) from None
    if not is_loopback(host) and not anybody:
        raise UsageError(
            _("Whoever reaches {host} could watch: there is no password, and nothing is encrypted.").format(host=host),
            _("`--anybody` says that this is meant. Better: `ssh -L {port}:127.0.0.1:{port}` to this machine.").format(
                port=port
            ),
        )
    chosen = {"--plan": place.plan, "--config": place.config, "--theme": place.theme}
    given = [(name, str(v.absolute() if isinstance(v, Path) else v)) for name, v in chosen.items() if v is not None]
    command = [sys.executable, "-m", "sparkdr_tui", *chain(*given), "--state", str(place.state_folder(plan))]
    said = _("Observers: {address}   (ctrl+c ends it)")
    if not is_loopback(host):
        said += "\n" + _("Whoever reaches it may watch: there is no password, and nothing is encrypted.")
    title = f"{plan.name} · {_('observer')}"
    return serve(
        [*command, "--lang", current(), "observe"],
        title,
        host,
        port,
        lambda address: typer.echo(said.format(address=address)),
    )


def _lab(
    context: typer.Context,
    folder: Annotated[
        Path | None, typer.Option("--dir", metavar="DIR", help=_("Keep the lab in this folder; else it is removed."))
    ] = None,
) -> None:
    """A lab of its own for as long as the cockpit is open."""
    if context.invoked_subcommand is not None:
        return
    from sparkdr_tui.commands.place import here

    place = here(context)
    _need_terminal()
    _prefer(place)
    from sparkdr_tui.lab.cluster import Lab

    typer.echo(_("Starting the lab…"))
    with Lab(folder) as lab:
        _open_cockpit(replace(place, plan=lab.plan, state=None))


def _open_cockpit(place: Place) -> None:
    """The operator's cockpit, with an engine."""
    from sparkdr_tui.commands.place import operator

    plan = place.load()
    _need_terminal()
    _prefer(place)
    from screens.app import run_cockpit
    from sparkdr_tui.recover.engine import Engine
    from sparkdr_tui.watch.lookout import Lookout

    state_folder = place.state_folder(plan)
    lookout = Lookout(plan)
    lookout.start()
    try:
        with Engine(plan, state_folder, operator(), lookout) as engine:
            status = run_cockpit(plan, state_folder, lookout, engine)
    finally:
        lookout.stop()
    raise typer.Exit(status)


def keys(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help=_("One JSON document with stable keys."))] = False,
    as_markdown: Annotated[bool, typer.Option("--markdown", help=_("A table in Markdown."))] = False,
) -> None:
    """Print every key, as the config file has it."""
    from sparkdr_tui.commands.place import console, here, write_json

    _prefer(here(context))
    from screens import key_table

    if as_json:
        write_json(key_table.document())
    elif as_markdown:
        typer.echo(key_table.markdown())
    else:
        console().print(key_table.table())


def _prefer(place: Place) -> None:
    """Keys and theme as the person wants them, before anything is started; raises `UsageError`."""
    from screens.preferences import prefer

    prefer(load_config(place.config), place.theme)


def _need_terminal() -> None:
    from sparkdr_tui.commands.place import on_a_terminal

    if not on_a_terminal():
        raise UsageError(
            _("The cockpit needs a terminal."), _("“sparkdr-tui status” and “sparkdr-tui run RUNBOOK --yes” need none.")
        )


def _language(arguments: Sequence[str]) -> Language:
    """The language asked for, before anything is parsed: the help is in it too."""
    if (wanted := _value(arguments, "--lang")) in ("en", "ko"):
        return "ko" if wanted == "ko" else "en"
    named = _value(arguments, "--config") or os.environ.get("SPARKDR_CONFIG")
    try:
        return load_config(Path(named) if named else None).lang or detect()
    except SparkdrError:
        return detect()  # whatever takes something from the config file says what is wrong with it


def _value(arguments: Sequence[str], option: str) -> str:
    """What a global option is given, before anything is parsed."""
    for at, word in enumerate(arguments):
        if word.startswith(f"{option}="):
            return word.removeprefix(f"{option}=")
        if word == option and at + 1 < len(arguments):
            return arguments[at + 1]
    return ""


def _command(error: typer.TyperException) -> str:
    """The command that an error is about."""
    context = getattr(error, "ctx", None)
    return context.command_path if context is not None else PROGRAM


def _crashed(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Nobody expected this: one line for the person, the stack in a file."""
    path = write_crash(error)
    _tell(
        _("Something went wrong inside the program ({kind}).").format(kind=kind.__name__),
        _("Details are in {path}").format(path=path) if path else "",
    )


def _tell(message: str, hint: str) -> None:
    """An error, plainly."""
    for line in (message, hint):
        if line:
            sys.stderr.write(line + "\n")
