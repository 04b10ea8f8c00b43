"""Puts the situation together from what sweeps, the feed and the clock say. Knows no screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from screens.clock import Clock
from screens.feed import Fed
from screens.situation import Latencies, Situation, Suggested
from screens.words import said
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.record.attended import adrift
from sparkdr_tui.record.forecast import forecast
from sparkdr_tui.watch.diagnosis import diagnose
from sparkdr_tui.watch.topology import Topology


class Newsroom:
    """Holds the one situation; every method answers with the new one."""

    def __init__(self, plan: Plan, clock: Clock, *, observing: bool) -> None:
        self._clock = clock
        self._latencies = Latencies()
        self._history: Mapping[str, Sequence[float]] = {}
        self.situation = Situation(plan, clock(), observing=observing)

    def swept(self, topology: Topology) -> Situation:
        """A sweep ended."""
        found = diagnose(self.situation.plan, topology)
        self.situation = replace(
            self.situation,
            now=self._clock(),
            topology=topology,
            latencies=self._latencies.take(topology),
            level=found.level,
            suggestions=tuple(Suggested(each.scenario, said(each.reason)) for each in found.suggestions),
        )
        return self.situation

    def spoken(self) -> Situation:
        """The language is another one."""
        known = self.situation.topology
        return self.swept(known) if known.at is not None else self.situation

    def fed(self, news: Fed) -> Situation:
        """The run went on."""
        if news.history is not None:
            self._history = news.history
        self.situation = replace(self.situation, now=self._clock(), blind=news.problem)
        if news.run is not None and (self.situation.run is not None or not news.problem):
            self.situation = replace(
                self.situation,
                run=adrift(news.run) if news.interrupted else news.run,
                folder=news.folder,
                driver=news.driver,
                interrupted=news.interrupted,
            )
        return self._foreseen()

    def planned(self, plan: Plan) -> Situation:
        """The plan says something else by now."""
        self.situation = replace(self.situation, plan=plan)
        return self.situation

    def put_away(self) -> Situation:
        """The run that is shown is shown no more."""
        self.situation = replace(self.situation, run=None, folder=None, forecast=None, driver=None, interrupted=False)
        return self.situation

    def ticked(self) -> Situation:
        """A second passed."""
        self.situation = replace(self.situation, now=self._clock())
        return self._foreseen()

    def _foreseen(self) -> Situation:
        run = self.situation.run
        if run is not None:
            self.situation = replace(self.situation, forecast=forecast(run, self.situation.now, self._history))
        return self.situation
