"""Where the runs of a plan are kept when nobody says otherwise, and what to type to come back to one of them."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from sparkdr_tui.plan.load import builtin
from sparkdr_tui.plan.runbook import Plan


def default_state(plan_name: str) -> Path:
    """The platform's folder for the state of a plan of this name."""
    from platformdirs import user_state_path

    return user_state_path("sparkdr-tui") / (re.sub(r"[^\w]+", "-", plan_name.lower()).strip("-") or "plan")


def state_of(plan: Plan) -> Path:
    """The folder of a plan's runs, where no option names another."""
    return (plan.state or default_state(plan.name)).absolute()


def cockpit(plan: Plan, run: Path) -> str:
    """The command that opens a cockpit on the plan and the runs among which `run` (its folder) is."""
    return shlex.join(_cockpit(plan, run))


def resuming(plan: Plan, run: Path) -> str:
    """The command that takes up a run without a screen, for a terminal of anybody on this machine."""
    return shlex.join([*_cockpit(plan, run), "resume", run.name])


def _cockpit(plan: Plan, run: Path) -> list[str]:
    words = ["sparkdr-tui"]
    if plan.folder != builtin().resolve():
        words += ["--plan", str(plan.folder)]
    state = run.absolute().parent.parent
    return words if state == state_of(plan) else [*words, "--state", str(state)]
