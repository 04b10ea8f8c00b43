"""What the highlighted scenario means, before a run: impact, what answers it, and what its backup would lose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.cells import cell_len

from screens.lacks import first_lines
from screens.painting import Ink, Line, fit, gauge, line, paragraph, spread
from screens.situation import Situation
from screens.widgets.lines import LinesPane
from screens.widgets.scenarios import no_scenarios
from screens.words import clock, danger_word, said, size, span
from sparkdr_tui.backups import catalog
from sparkdr_tui.backups.catalog import Backup
from sparkdr_tui.language import _
from sparkdr_tui.plan.graph import PlannedStep, graph, inputs, restores
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.readiness.lacking import Lacking
from sparkdr_tui.record.losses import lost


@dataclass(frozen=True, slots=True)
class Found:
    """What is known of a backup set: the backup that would be used, or why nothing is known of it."""

    backup: Backup | None = None
    problem: str = ""

    @property
    def why_none(self) -> str:
        """Why there is no backup, in the language in use."""
        return self.problem or _("There is no backup that can be used.")


class MeaningPane(LinesPane):
    """Pane 3 of the cockpit while no run is shown."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.scenario = ""
        self.backups: Mapping[str, Found] = {}
        self._lacking: Lacking | None = None

    def lack(self, lacking: Lacking) -> None:
        """What is missing for anything to be run at all."""
        self._lacking = lacking
        self.redraw()

    def explain(self, scenario: str, backups: Mapping[str, Found]) -> None:
        """Explain another scenario, with what is known of its backup sets so far."""
        if scenario != self.scenario:
            self.scroll_home(animate=False)
        self.scenario, self.backups = scenario, backups
        self.redraw()

    def draw(self, situation: Situation, width: int) -> Sequence[Line]:
        """All of it, top down; what is broken comes before what is missing."""
        if self.scenario not in situation.plan.scenarios:
            return no_scenarios(width)
        first = first_lines(situation, self._lacking, width)
        head = heading(situation, self.scenario, width)
        return [
            *(head + first if situation.suggestions else first + head),
            *impact(situation, self.scenario, width),
            *losses(situation, self.scenario, self.backups, width),
            *answers(situation, self.scenario, width),
        ]


def heading(situation: Situation, name: str, width: int) -> list[Line]:
    """Title, level, RTO, and why it is suggested."""
    scenario = situation.plan.scenarios[name]
    rto = span(scenario.rto.total_seconds())
    end = line(Ink(_("Level {level} · RTO {rto}").format(level=scenario.level, rto=rto), "strong"))
    found = [spread(line(Ink(said(scenario.title), "title")), end, width)]
    found += paragraph(_("Priority: {priority}").format(priority=said(scenario.priority)), width, "dim")
    for each in situation.suggestions:
        if each.scenario == name:
            found += paragraph(_("Suggested: {reason}").format(reason=each.reason), width, "warn")
    return [*found, line()]


def impact(situation: Situation, name: str, width: int) -> list[Line]:
    """What it does to people."""
    found = [line(Ink(_("Impact"), "link"))]
    for each in situation.plan.scenarios[name].impact:
        found += paragraph(said(each), width, indent=4, first="  · ")
    return [*found, line()]


def sets_used(plan: Plan, scenario: str) -> list[str]:
    """The backup sets that the first runbook of a scenario picks from."""
    runbooks = plan.scenarios[scenario].runbooks[:1] if scenario in plan.scenarios else ()
    picks = [each.pick for name in runbooks if name in plan.runbooks for each in inputs(plan, name).values()]
    return list(dict.fromkeys(pick for pick in picks if pick))


def losses(situation: Situation, name: str, backups: Mapping[str, Found], width: int) -> list[Line]:
    """The backups that would be used, their age against the RPO, and what restoring them loses."""
    sets = sets_used(situation.plan, name)
    if not sets:
        return []
    found = [line(Ink(_("Backup it would use"), "link"))]
    for each in sets:
        known = backups.get(each)
        if known is None:
            found.append(line(Ink(f"  {_('looking …')}", "dim")))
        elif known.backup is None:
            found += paragraph(known.why_none, width, "bad", indent=4, first=Ink("  ▲ ", "bad"))
        else:
            found += backup_lines(situation, each, known.backup, width)
    return [*found, line()]


def rpo_of(plan: Plan, set_id: str) -> float | None:
    """The RPO that a backup set has to keep, in seconds."""
    rpo = catalog.rpo_of(plan, set_id)
    return rpo.total_seconds() if rpo else None


def backup_lines(
    situation: Situation, set_id: str, backup: Backup, width: int, began: datetime | None = None
) -> list[Line]:
    """One backup in two lines: what it is, and what restoring it loses (by when the incident began)."""
    age = lost(backup.taken_at, began or situation.now)
    rpo = rpo_of(situation.plan, set_id)
    late = rpo is not None and age > rpo
    facts = Ink(f"{size(backup.size)} · {trust(backup, situation.now)}", "dim")
    first = spread(line("  ", Ink(backup.name)), line(facts), width)
    if began is not None and backup.taken_at > began:
        return [first, line("    ", Ink(_("made after the incident began: it may hold the damage"), "warn"))]
    loses = Ink(_("restoring it loses {time}").format(time=span(age)), "bad" if late else "plain")
    if rpo is None:
        return [first, line("    ", loses)]
    bar = gauge(age / rpo if rpo else 1.0, 12, "bad" if late else "good")
    return [first, line("    ", loses, Ink(f" · RPO {span(rpo)} ", "bad" if late else "dim"), *bar)]


def trust(backup: Backup, now: datetime) -> str:
    """What is known of a backup's being whole."""
    if backup.complete is not False and not backup.usable:
        return _("damaged")
    if backup.verified_at is not None:
        ago = span((now - backup.verified_at).total_seconds())
        return _("verified {age} ago").format(age=ago)
    if backup.complete is None:
        return _("completeness unknown")
    return _("complete, not verified") if backup.complete else _("incomplete")


def answers(situation: Situation, name: str, width: int) -> list[Line]:
    """The runbooks that answer it; the steps of the first."""
    plan = situation.plan
    found: list[Line] = []
    for at, runbook in enumerate(plan.scenarios[name].runbooks):
        if runbook not in plan.runbooks:
            continue
        steps = graph(plan, runbook)
        found.append(_runbook_line(plan, runbook, steps, width))
        if at == 0:
            found += _step_lines(steps, width)
            found.append(line())
    return found


def _runbook_line(plan: Plan, runbook: str, steps: Sequence[PlannedStep], width: int) -> Line:
    services = ", ".join(said(plan.services[name].title) for name in restores(plan, runbook))
    start = line(Ink(said(plan.runbooks[runbook].title), "link"), Ink(f"  {services}", "dim"))
    count = _("{count} steps").format(count=len(steps))
    expected = sum(each.step.expect.total_seconds() for each in steps if each.step.expect)
    about = " · " + _("about {time}").format(time=clock(expected)) if expected else ""
    return spread(start, line(Ink(count + about, "dim")), width)


def _step_lines(steps: Sequence[PlannedStep], width: int) -> list[Line]:
    danger = max((cell_len(danger_word(each.step.danger).text) for each in steps), default=0)
    node = max((cell_len(each.step.on or "") for each in steps), default=0)
    digits = len(str(len(steps)))
    rest = width - digits - 3 - danger - node - 4 - 6
    found = []
    for number, each in enumerate(steps, 1):
        word = danger_word(each.step.danger)
        expect = clock(each.step.expect.total_seconds()) if each.step.expect else ""
        optional = f" ({_('optional')})" if each.step.optional else ""
        found.append(
            line(
                Ink(f"  {number:>{digits}} ", "dim"),
                fit(said(each.step.title) + optional, rest),
                "  ",
                Ink(fit(word.text, danger), word.name),
                " ",
                Ink(fit(each.step.on or "", node), "dim"),
                Ink(fit(expect, 6, "right"), "dim"),
            )
        )
    return found
