"""Every key of the program, in one place: id, key, action, words. Footer, help and palette are made from it.

A screen or pane binds keys by naming their ids; whoever changes a key changes it here, or by its id in a config file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from textual.binding import Binding, BindingType

from screens import keynames
from sparkdr_tui.language import _, later


@dataclass(frozen=True, slots=True)
class Key:
    """A key and what it does; `rank` orders the footer (0: not in the footer), `group` the help."""

    key: str
    action: str
    label: str
    tooltip: str
    group: str
    rank: int = 0
    display: str | None = None
    priority: bool = False


MOVING = later("Moving")
RUN = later("The run")
PEOPLE = later("People")
LOG = later("Log")
SEEING = later("Seeing")
PROGRAM = later("The program")

GROUPS = (RUN, PEOPLE, SEEING, LOG, MOVING, PROGRAM)

KEYS: dict[str, Key] = {
    # the run; only an operator's screen binds these
    "run.start": Key("enter", "start_run", later("start"), later("Start a run for this scenario"), RUN, 1, "⏎"),
    "step.confirm": Key("enter", "confirm", later("run"), later("Run the step that waits for you"), RUN, 1, "⏎"),
    "step.skip": Key("s", "skip", later("skip"), later("Skip the step, with a reason"), RUN, 2),
    "step.retry": Key("r", "retry", later("retry"), later("Run the step again; asks for its backup"), RUN, 3),
    "step.cancel": Key("x", "cancel", later("cancel"), later("End the step that runs"), RUN, 4),
    "step.mark": Key("m", "mark", later("mark done"), later("Mark the step done, with a reason"), RUN, 5),
    "step.undo": Key("u", "undo", later("undo"), later("Run the undo of the step"), RUN, 6),
    "run.mark": Key("space", "mark_scenario", later("mark"), later("Mark the scenario: several run as one"), RUN, 2),
    "run.backup": Key("B", "choose_backup", later("backup"), later("Choose another backup for the run"), RUN, 7),
    "run.note": Key("n", "note", later("note"), later("Write something down in the run's journal"), RUN, 9),
    "run.pace": Key(
        "a",
        "pace",
        later("Ask before every step, or only before dangerous ones"),
        later("Ask before every step, or only before dangerous ones"),
        RUN,
    ),
    "run.incident": Key(
        "i",
        "incident",
        later("Say when the incident really started"),
        later("Say when the incident really started"),
        RUN,
    ),
    "run.abort": Key(
        "A",
        "abort",
        later("End the run where it stands, with a reason"),
        later("End the run where it stands, with a reason"),
        RUN,
    ),
    "run.resume": Key("R", "resume", later("resume"), later("Take up the unfinished run"), RUN, 1),
    "run.roles": Key("H", "roles", later("roles"), later("Who commands, operates, writes; hand over the run"), RUN),
    # people
    "call.start": Key("enter", "call", later("call"), later("Write down that they are being called"), PEOPLE, 1, "⏎"),
    "call.reached": Key("r", "reached", later("was reached"), later("Write down that they were reached"), PEOPLE, 2),
    "call.not_reached": Key(
        "x", "not_reached", later("not reached"), later("Write down that they were not reached"), PEOPLE, 3
    ),
    "call.escalate": Key("e", "escalate", later("escalate"), later("Go on to the next stage now"), PEOPLE, 4),
    "contact.copy": Key("y", "copy", later("copy"), later("Copy phone and mail"), PEOPLE, 5),
    "contact.edit": Key("E", "edit", later("edit"), later("Change name, phone and mail in the plan"), PEOPLE, 6),
    "contacts.scenario": Key(
        "1,2,3,4,5,6,7,8,9",
        "next_scenario",
        later("scenario"),
        later("Whom another scenario needs"),
        PEOPLE,
        7,
        "1-9",
    ),
    "contacts.next": Key(
        "n,right", "next_scenario", later("The next scenario"), later("The next scenario"), PEOPLE, display="n →"
    ),
    "contacts.previous": Key(
        "p,left", "previous_scenario", later("The scenario before"), later("The scenario before"), PEOPLE, display="p ←"
    ),
    "role.give": Key("enter", "give", later("give"), later("Give this role to somebody"), PEOPLE, 1, "⏎"),
    "handed.copy": Key("y", "copy", later("copy"), later("Copy the command"), PEOPLE, 2),
    "update.copy": Key("y", "copy", later("copy"), later("Copy the text"), PEOPLE, 1),
    "update.write": Key("w", "write", later("write to a file"), later("Write the text to a file"), PEOPLE, 2),
    "update.language": Key(
        "L,left,right",
        "other_language",
        "English / 한국어",
        later("The text in the other language"),
        PEOPLE,
        3,
        "L",
    ),
    "update.renew": Key("r", "renew", later("renew"), later("The text as of now"), PEOPLE, 4),
    # seeing
    "step.details": Key(
        "space",
        "details",
        later("Open or close the details of the step"),
        later("Open or close the details of the step"),
        SEEING,
    ),
    "screen.history": Key("h", "history", later("history"), later("Runs and drills of the past"), SEEING, 16),
    "screen.drills": Key("d", "drills", later("drills"), later("The calendar of drills"), SEEING, 17),
    "drill.start": Key("enter", "start_drill", later("hold it"), later("Hold the drill"), RUN, 1, "⏎"),
    "drill.go": Key("enter", "submit", later("hold it"), later("Hold the drill"), RUN, 1, "⏎"),
    "drill.copy": Key("y", "copy", later("announcement"), later("Copy the announcement of the drill"), SEEING, 2),
    "drill.write": Key("w", "write_calendar", later("calendar"), later("Write the calendar as a file"), SEEING, 3),
    "past.open": Key("enter,o", "open_run", later("open run"), later("Open the whole run, read-only"), SEEING, 1, "⏎"),
    "past.report": Key("p", "report", later("report"), later("Read the run's report"), SEEING, 2),
    "past.write": Key("w", "write_report", later("write report"), later("Write the report as an HTML file"), SEEING, 5),
    "past.kinds": Key("t", "kinds", later("kinds"), later("Show other kinds of runs: backups too"), SEEING, 3),
    "past.filter": Key("slash", "filter", later("filter"), later("Show only runs with certain words"), SEEING, 4, "/"),
    "page.search": Key("slash", "search", later("search"), later("Search the text"), SEEING, 4, "/"),
    "screen.contacts": Key("c", "contacts", later("contacts"), later("Whom to call, how to escalate"), SEEING, 8),
    "screen.backups": Key("b", "backups", later("backups"), later("The backup sets and their backups"), SEEING, 9),
    "screen.readiness": Key(
        "K", "readiness", later("readiness"), later("Would a recovery work: every check"), SEEING, 18
    ),
    "look.again": Key("R", "again", later("again"), later("Look again at everything shown here"), SEEING, 5),
    "backups.open": Key("enter", "open", later("its backups"), later("To the backups of the set"), SEEING, 1, "⏎"),
    "backups.run": Key("r", "run_backup", later("back up"), later("Make a backup of the set now"), RUN, 2),
    "backups.verify": Key("v", "verify_backup", later("verify"), later("Verify the backup now"), RUN, 3),
    "readiness.fold": Key(
        "enter,space", "fold", later("open"), later("Open or close what is in order"), SEEING, 1, "⏎"
    ),
    "screen.update": Key(
        "U", "update", later("status update"), later("A status update to paste: what, since when, until when"), SEEING
    ),
    "log.whole": Key("l", "whole_log", later("log"), later("The log alone on the screen, and back"), SEEING, 10),
    "log.back": Key("escape", "leave_log", later("back"), later("Back from the log to the cockpit"), SEEING, 14, "esc"),
    "run.put_away": Key(
        "escape",
        "put_away",
        later("scenarios"),
        later("Back from a run that is over to the scenarios"),
        SEEING,
        14,
        "esc",
    ),
    # log
    "log.search": Key("slash", "search", later("search"), later("Search the text"), LOG, 11, "/"),
    "search.submit": Key("enter", "submit", later("search"), later("Search from here on"), LOG, 1, "⏎"),
    "search.leave": Key("escape", "leave", later("back"), later("Search for nothing"), LOG, 14, "esc"),
    "log.next": Key("n", "next_match", later("next"), later("Next match"), LOG, 6),
    "log.previous": Key("N", "previous_match", later("previous"), later("Previous match"), LOG, 7),
    "log.follow": Key("f", "follow", later("follow"), later("Follow what is new"), LOG, 12),
    "log.error": Key(
        "e", "first_error", later("first error"), later("Jump to the first error; again: to the next"), LOG, 13
    ),
    "log.wrap": Key("w", "wrap", later("Break long lines, or not"), later("Break long lines, or not"), LOG),
    "log.copy": Key("y", "copy_shown", later("copy"), later("Copy the lines that are visible"), LOG, 15),
    "log.copy_last": Key("Y", "copy_last", later("Copy the last 200 lines"), later("Copy the last 200 lines"), LOG),
    "log.earlier": Key(
        "left_square_bracket",
        "walk_attempts(-1)",
        later("The attempt before"),
        later("The log of the attempt before"),
        LOG,
        display="[",
    ),
    "log.later": Key(
        "right_square_bracket",
        "walk_attempts(1)",
        later("The attempt after"),
        later("The log of the attempt after"),
        LOG,
        display="]",
    ),
    # these two leave the program for another one; only an operator's screen binds them
    "log.pager": Key("P", "page_log", later("pager"), later("The log in $PAGER, else in less"), LOG),
    "node.shell": Key(
        "o",
        "open_shell",
        later("shell"),
        later("A shell on the node of the step, or of the topology; exit comes back"),
        SEEING,
    ),
    # moving
    "move.down": Key("j,down", "line_down", later("Down"), later("Down"), MOVING, display="j ↓"),
    "move.up": Key("k,up", "line_up", later("Up"), later("Up"), MOVING, display="k ↑"),
    "move.top": Key("g,home", "top", later("To the top"), later("To the top"), MOVING, display="g"),
    "move.bottom": Key("G,end", "bottom", later("To the bottom"), later("To the bottom"), MOVING, display="G"),
    "move.page_down": Key(
        "pagedown,ctrl+d", "page_down", later("A page down"), later("A page down"), MOVING, display="^d"
    ),
    "move.page_up": Key("pageup,ctrl+u", "page_up", later("A page up"), later("A page up"), MOVING, display="^u"),
    "move.left": Key("left", "left", later("To the left"), later("To the left"), MOVING, display="←"),
    "move.right": Key("right", "right", later("To the right"), later("To the right"), MOVING, display="→"),
    "pane.topology": Key("1", "pane('topology')", later("Topology"), later("Topology"), MOVING),
    "pane.scenarios": Key("2", "pane('scenarios')", later("Scenarios"), later("Scenarios"), MOVING),
    "pane.recovery": Key("3", "pane('recovery')", later("Recovery"), later("Recovery"), MOVING),
    "pane.next": Key("tab", "app.focus_next", later("Next pane"), later("Next pane"), MOVING),
    "pane.previous": Key("shift+tab", "app.focus_previous", later("Pane before"), later("Pane before"), MOVING),
    # dialogs
    "dialog.yes": Key("y", "yes", later("yes"), later("Yes"), RUN, 1),
    "dialog.no": Key("n", "leave", later("no"), later("No"), RUN),
    "dialog.submit": Key("enter", "submit", later("go on"), later("Go on"), RUN, 1, "⏎"),
    "dialog.save": Key("enter", "submit", later("save"), later("Save it"), RUN, 1, "⏎"),
    "dialog.close": Key("enter", "leave", later("close"), later("Close"), PROGRAM, 1, "⏎"),
    "dialog.start": Key("enter", "submit", later("start"), later("Start the run"), RUN, 1, "⏎"),
    "dialog.change": Key("right,l", "change(1)", later("change"), later("The next choice"), RUN, 2, "← →"),
    "dialog.change_back": Key("left,h", "change(-1)", later("The choice before"), later("The choice before"), RUN),
    "dialog.tick": Key("space", "tick", later("tick"), later("Tick or untick the item"), RUN, 2),
    "dialog.back": Key("escape", "leave", later("back"), later("Back; nothing is decided"), PROGRAM, 14, "esc"),
    "resume.take": Key("enter,y", "take", later("take it up"), later("Take up the run"), RUN, 1, "⏎"),
    "resume.watch": Key("w", "watch", later("only watch"), later("Watch the run without taking it up"), RUN, 2),
    "offer.watch": Key(
        "enter,w", "watch", later("watch it"), later("Watch the run that somebody else drives"), RUN, 1, "⏎"
    ),
    # the program
    "app.back": Key("escape", "back", later("back"), later("Back"), PROGRAM, 14, "esc"),
    "app.help": Key("question_mark", "help", later("help"), later("Every key of this screen"), PROGRAM, 98, "?"),
    "app.commands": Key(
        "ctrl+p", "command_palette", later("commands"), later("Every action, by name"), PROGRAM, 99, "^p", priority=True
    ),
    "app.language": Key("L", "app.language", later("language"), later("Switch the language: English, 한국어"), PROGRAM),
    "app.quit": Key("q", "quit", later("quit"), later("Leave; asks while a run lives"), PROGRAM, 97),
    "app.leave": Key("ctrl+q", "quit", later("quit"), later("Leave; asks while a run lives"), PROGRAM, priority=True),
    "app.interrupt": Key(
        "ctrl+c",
        "interrupt",
        later("Ends nothing here"),
        later("Ends nothing here"),
        PROGRAM,
        0,
        "^c",
    ),
}
"""By id, in the order of the help."""

_own: dict[str, str] = {}


def use(own: Mapping[str, str]) -> None:
    """Take these keys, by id, instead of the registry's from here on; `preferences` saw to it that they will do."""
    global _own
    _own = dict(own)


def pressed(name: str) -> tuple[str, ...]:
    """The keys that are pressed for an id."""
    return tuple(_own.get(name, KEYS[name].key).split(","))


def shown(name: str) -> str:
    """How the key for an id is shown."""
    key = KEYS[name]
    if name in _own or key.display is None:
        return " ".join(keynames.shown(each) for each in pressed(name))
    return key.display


def keymap() -> dict[str, str]:
    """For Textual's `set_keymap`. It unbinds every id that shares a key with one that moves: those are bound anew."""
    moved = {each for name in _own for each in KEYS[name].key.split(",")}
    sharing = {name: key.key for name, key in KEYS.items() if moved & set(key.key.split(","))}
    return {**sharing, **_own}


def bound(*ids: str) -> list[BindingType]:
    """The bindings of these keys, for a screen's or pane's `BINDINGS`."""
    return [
        Binding(
            key.key,
            key.action,
            key.label,
            show=key.rank > 0,
            key_display=key.display,
            priority=key.priority,
            tooltip=key.tooltip,
            id=name,
        )
        for name, key in ((name, KEYS[name]) for name in ids)
    ]


def rank(binding: Binding) -> int:
    """Where a binding stands in the footer."""
    known = KEYS.get(binding.id or "")
    return known.rank if known else 0


def label(binding: Binding) -> str:
    """What the footer says of a binding, in the language in use."""
    return _(binding.description)


def tooltip(binding: Binding) -> str:
    """What the help says of a binding, in the language in use."""
    return _(binding.tooltip or binding.description)


def group(binding: Binding) -> str:
    """Under which heading the help shows a binding (not translated)."""
    known = KEYS.get(binding.id or "")
    return known.group if known else PROGRAM
