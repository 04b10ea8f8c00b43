"""The scripts of a run, each with what it uses, and what becomes of one whose command is not there. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from sparkdr_tui.language import _
from sparkdr_tui.plan.graph import PlannedStep, graph
from sparkdr_tui.plan.runbook import Plan, Shell
from sparkdr_tui.readiness import bash_words, powershell_words
from sparkdr_tui.readiness.bash_words import Words
from sparkdr_tui.readiness.levels import Level

Role = Literal["show", "run", "check", "undo"]

_INSTALLS = re.compile(
    r"\b(?:brew|winget|choco|apt|apt-get|dnf|pip3?|npm|pnpm|yarn)\s+(?:\S+\s+)*?(?:install|reinstall|ci|add)\b"
    r"|\b(?:ba)?sh\s+\"?\$|\|\s*(?:ba)?sh\b|-m\s+venv\b",
)


@dataclass(frozen=True, slots=True)
class Use:
    """A script of the run, in the variant that its node runs, with what it uses and what it will find."""

    planned: PlannedStep
    role: Role
    node: str
    windows: bool
    text: str
    words: Words
    env: Mapping[str, str] = field(default_factory=dict)

    @property
    def may_fail(self) -> bool:
        """The run goes on without it."""
        return self.role == "undo" or self.planned.step.optional


@dataclass(frozen=True, slots=True)
class Course:
    """The steps of a run, in their order, and the scripts in them."""

    steps: Mapping[str, PlannedStep]
    uses: tuple[Use, ...]

    def number(self, step: str) -> int:
        """A step's number, as the list of steps has it."""
        return list(self.steps).index(step) + 1

    def before(self, step: str) -> frozenset[str]:
        """All steps that must be over before this one."""
        found: set[str] = set()
        ahead = list(self.steps[step].needs)
        while ahead:
            name = ahead.pop()
            if name in self.steps and name not in found:
                found.add(name)
                ahead += self.steps[name].needs
        return frozenset(found)


def course(plan: Plan, runbook_id: str) -> Course:
    """What a run of a runbook would go through; scripts without a variant for their node are left out."""
    steps = {each.id: each for each in graph(plan, runbook_id)}
    uses = (use_of(plan, each, role, shell) for each in steps.values() for role, shell in scripts(each))
    return Course(steps, tuple(each for each in uses if each is not None))


def scripts(planned: PlannedStep) -> Iterator[tuple[Role, Shell]]:
    """Every script of a step, in the order in which they may run."""
    step = planned.step
    if step.confirm is not None and step.confirm.show is not None:
        yield "show", step.confirm.show
    if step.shell is not None:
        yield "run", step.shell
    yield from (("check", check.shell) for check in step.verify if check.shell is not None)
    if step.undo is not None:
        yield "undo", step.undo


def use_of(
    plan: Plan, planned: PlannedStep, role: Role, shell: Shell, env: Mapping[str, str] | None = None
) -> Use | None:
    """The script as its node would run it; None where it has no variant for the node's system."""
    assert planned.step.on is not None  # the model refuses a script without a node
    windows = plan.nodes[planned.step.on].os == "windows"
    text = shell.powershell if windows else shell.posix
    if text is None:
        return None
    words = powershell_words.words(text) if windows else bash_words.words(text)
    return Use(planned, role, planned.step.on, windows, text, words, env or {})


def without(run: Course, tool: str, use: Use) -> tuple[Level, str]:
    """What becomes of a script whose command is not there, as things are now."""
    if tool in use.words.tested:
        return "unknown", _("the script looks for it itself")
    brings = _brings(run, use)
    if brings is not None:
        return "unknown", _("step {step} may install it before").format(step=run.number(brings))
    if use.words.sources:
        return "unknown", _("the script reads {file} first, which may bring it").format(file=min(use.words.sources))
    if use.may_fail:
        return "warn", _("the run goes on without this step") if use.role != "undo" else _("the undo would fail")
    return "stop", ""


def _brings(run: Course, use: Use) -> str | None:
    """The last step on the same node before it, or the step itself before its check, that installs something."""
    found: str | None = None
    before = run.before(use.planned.id)
    for other in run.uses:
        earlier = other.planned.id in before or (other.planned is use.planned and use.role in ("check", "undo"))
        if other.role == "run" and other.node == use.node and earlier and _INSTALLS.search(other.text):
            found = other.planned.id
    return found
