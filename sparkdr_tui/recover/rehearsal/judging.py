"""Whether scripts could run where they have to: nodes, commands, variables, secrets. Pure: judges what was seen."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from sparkdr_tui.language import _, current, ngettext
from sparkdr_tui.plan.check import static_warnings
from sparkdr_tui.plan.model import State
from sparkdr_tui.readiness.levels import Level, gravest
from sparkdr_tui.readiness.uses import Role, Use, without
from sparkdr_tui.recover.rehearsal.findings import Finding, Rehearsed, Seen

_VARIABLE = re.compile(r"\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))")
_SHELLS_OWN = """
BASH BASHPID BASH_SOURCE BASH_VERSION EUID FUNCNAME HOME HOSTNAME IFS LANG LC_ALL LINENO LOGNAME OLDPWD OPTARG OPTIND
OSTYPE PATH PIPESTATUS PPID PWD RANDOM REPLY SECONDS SHELL TERM TMPDIR UID USER
"""
_WINDOWS_OWN = """
ALLUSERSPROFILE APPDATA COMPUTERNAME HOMEDRIVE HOMEPATH LOCALAPPDATA PATH PROGRAMDATA PROGRAMFILES SYSTEMDRIVE
SYSTEMROOT TEMP TMP USERNAME USERPROFILE WINDIR
"""


def nodes(run: Rehearsed, seen: Seen) -> Iterator[Finding]:
    """Whether each node is there, with the folders that it must have; where it is not, whether hands come first."""
    for name, said in seen.nodes.items():
        reading = seen.topology.nodes.get(name)
        first = next((use.planned.id for use in run.uses if use.node == name), None)
        if not said.problem:
            if reading is not None and reading.state is State.DAMAGED:
                yield Finding("warn", name, _("reached, but {detail}").format(detail=reading.detail), step=first)
            else:
                yield Finding("ok", name, _("reached"))
            continue
        hands = run.hands_before(first) if first is not None else None
        if hands is not None:
            text = _("not reached: {why}. Step {step} comes before the first script there, so it may be by then.")
            reason = text.format(why=said.problem.rstrip("."), step=run.number(hands))
            yield Finding("unknown", name, reason, said.hint, first)
        else:
            yield Finding("stop", name, _("not reached: {why}").format(why=said.problem.rstrip(".")), said.hint, first)


def scripts(run: Rehearsed) -> Iterator[Finding]:
    """Whether every script has the variant that its node runs, and what of it reading does not tell."""
    for planned, _shell in run.variants_missing:
        text = _("has no script for the system of {node}").format(node=planned.step.on)
        yield Finding("stop", planned.id, text, step=planned.id)
    count = len(run.uses)
    said = ngettext("{count} script is there", "{count} scripts are there, each for its node's system", count)
    if not run.variants_missing and count:
        yield Finding("ok", "scripts", said.format(count=count))
    for use in run.uses:
        for word in use.words.unsure:
            text = _("{script} runs “{word}”, which only running it would tell")
            yield Finding("unknown", use.node, text.format(script=_script(use.role), word=word), step=use.planned.id)


def _script(role: Role) -> str:
    """Which of a step's scripts it is."""
    match role:
        case "show":
            return _("the script that shows what would be lost")
        case "check":
            return _("the script that checks")
        case "undo":
            return _("the script that undoes")
    return _("the script")


def commands(run: Rehearsed, seen: Seen) -> Iterator[Finding]:
    """Whether the commands of the scripts are on their nodes."""
    for node, said in seen.nodes.items():
        if said.problem:
            continue
        if said.there:
            count = len(said.there)
            text = ngettext("{count} command is there", "{count} commands are there", count).format(count=count)
            yield Finding("ok", node, text)
        for tool in sorted(said.missing):
            uses = [use for use in run.uses if use.node == node and tool in use.words.commands]
            yield _missing(run, node, tool, uses)


def _missing(run: Rehearsed, node: str, tool: str, uses: Sequence[Use]) -> Finding:
    """A command that is not there: the gravest of what that means for the scripts that use it."""
    state: Level = "ok"
    reason = ""
    for use in uses:
        each, why = without(run, tool, use)
        if gravest(state, each) != state:
            state, reason = each, why
    steps = ", ".join(dict.fromkeys(str(run.number(use.planned.id)) for use in uses))
    text = _("{tool} is not there, for step {steps}").format(tool=tool, steps=steps)
    todo = _("Install it on {node}, or add its folder to PATH in plan.yaml.").format(node=node)
    return Finding(
        state, node, f"{text}: {reason}" if reason else text, todo if state == "stop" else "", uses[0].planned.id
    )


def names(run: Rehearsed) -> Iterator[Finding]:
    """Variables that nothing sets, and placeholders that nobody has filled in."""
    for use in run.uses:
        for name in sorted(_unset(use)):
            text = _("{script} reads ${name}, which nothing sets").format(script=_script(use.role), name=name)
            state: Level = "warn" if use.windows or use.may_fail else "stop"
            todo = _("Set it in the env of node {node} or of the step.").format(node=use.node)
            yield Finding(state, f"${name}", text, todo, use.planned.id)
    yield from _unresolved(run)
    yield from _placeholders(run)


def _unset(use: Use) -> set[str]:
    """What a script reads and would not find; Windows makes no difference between small and capital letters."""
    if use.windows:
        have = {name.upper() for name in use.env} | set(_WINDOWS_OWN.split())
        return {name for name in use.words.required if name.upper() not in have}
    return set(use.words.required) - set(use.env) - set(_SHELLS_OWN.split())


def _unresolved(run: Rehearsed) -> Iterator[Finding]:
    """Values of a step that name a variable which is not there: they would be taken as they are."""
    for planned in run.steps.values():
        step = planned.step
        env = next((use.env for use in run.uses if use.planned is planned), None)
        known = set(env) if env is not None else _known(run, planned.id)
        said = [*step.env.values(), *((step.confirm.type,) if step.confirm else ())]
        said += step.s3.folders if step.s3 else ()
        for value in said:
            for braced, bare in _VARIABLE.findall(value):
                if (name := braced or bare) not in known:
                    text = _("“{value}” names ${name}, which nothing sets").format(value=value, name=name)
                    yield Finding("stop", f"${name}", text, step=planned.id)


def _known(run: Rehearsed, step: str) -> set[str]:
    node = run.steps[step].step.on
    of_node = {*run.plan.nodes[node].env, *run.plan.nodes[node].secrets} if node else set()
    return {*of_node, *run.inputs, *run.steps[step].step.env, "RUN_ID", "RUN_STAMP", "STEP", "ATTEMPT"}


def _placeholders(run: Rehearsed) -> Iterator[Finding]:
    """What the readiness check says of values that this run's scripts read."""
    reads: dict[str, str] = {}
    for use in run.uses:
        for name in use.words.required & set(use.env):
            reads.setdefault(f"{use.node}.env.{name}", use.planned.id)
    for found in static_warnings(run.plan):
        if found.subject in reads:
            todo = found.todo.within(current()) if found.todo else ""
            yield Finding("warn", found.subject, found.reason.within(current()), todo, reads[found.subject])


def secrets(seen: Seen, needed: int) -> Iterator[Finding]:
    """Whether the credentials are there."""
    for name, (problem, hint) in seen.missing_secrets.items():
        yield Finding("stop", name, problem, hint)
    if needed and not seen.missing_secrets:
        text = ngettext("{count} secret is there", "{count} secrets are there", needed)
        yield Finding("ok", "secrets", text.format(count=needed))
