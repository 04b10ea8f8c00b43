"""What the eight kinds of action do, and the checks that decide whether they worked.

Everything a step does to the outside goes through an `Attempt`: its log, its job, its environment.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.language import _
from sparkdr_tui.plan.graph import PlannedStep
from sparkdr_tui.plan.model import State
from sparkdr_tui.plan.runbook import Http, Plan, Redis, Shell, Sql, Verify, Wait
from sparkdr_tui.reach import jobs
from sparkdr_tui.reach.pool import Reach
from sparkdr_tui.reach.shell import Script
from sparkdr_tui.recover import clients, comparing, copies, objects
from sparkdr_tui.watch.probes import probe_service
from sparkdr_tui.watch.topology import Reading

POLL = 0.5
"""Seconds between two looks at a service that is waited for."""
SETTLE = 60.0
"""Seconds a service gets to reach the state that a step's check wants."""


class Failed(SparkdrError):
    """The action or its check says no; the message is one line for the operator."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


@dataclass(slots=True)
class Attempt:
    """One attempt of one step, under way."""

    plan: Plan
    planned: PlannedStep
    reach: Reach
    env: Mapping[str, str]
    write: Callable[[bytes], None]
    """Takes bytes from outside to the log, masked and sanitised on the way."""
    observe: Callable[[str, Reading], None]
    """Told of every reading of a service, so that clocks stop as soon as it is healthy."""
    progress: Callable[[float, float], None]
    """Told how much of how much is done, as often as the step likes."""
    job: jobs.Job | None = field(default=None)

    def say(self, line: str) -> None:
        """A line of our own in the log."""
        self.write(f"{line}\n".encode())


async def perform(attempt: Attempt) -> None:
    """Do what the step says; raises `Failed` or another `SparkdrError` when it did not work."""
    step = attempt.planned.step
    if step.shell is not None:
        await _shell(attempt, step.shell)
    elif step.wait is not None:
        await _wait(attempt, step.wait)
    elif step.sql is not None:
        await _sql(attempt, step.sql)
    elif step.redis is not None:
        await _redis(attempt, step.redis)
    elif step.s3 is not None:
        if step.s3.offsite is not None:
            await copies.perform(attempt, step.s3)
        else:
            await objects.perform(attempt, step.s3)
            await comparing.perform(attempt, step.s3)
    elif step.http is not None:
        await _http(attempt, step.http)
    elif step.manual is not None and step.manual.hands is not None and attempt.plan.hands:
        await _hands(attempt, step.manual.hands)


async def check(attempt: Attempt) -> None:
    """Run the step's checks one after the other; raises `Failed` with what is wrong."""
    for verify in attempt.planned.step.verify:
        await _verify(attempt, verify)


async def undo(attempt: Attempt) -> None:
    """Run the step's undo."""
    shell = attempt.planned.step.undo
    if shell is not None:
        await _shell(attempt, shell)


def variant(plan: Plan, planned: PlannedStep, shell: Shell) -> str | None:
    """The script for the system of the step's node; None where there is none."""
    node = planned.step.on
    return shell.powershell if node is not None and plan.nodes[node].os == "windows" else shell.posix


def script_of(plan: Plan, planned: PlannedStep, shell: Shell) -> str:
    """The variant of a script for the step's node; raises `Failed` where there is none."""
    text = variant(plan, planned, shell)
    if text is None:
        raise Failed(_("This step has no script for the system of {node}.").format(node=planned.step.on))
    return text


async def _shell(attempt: Attempt, shell: Shell) -> None:
    node = attempt.planned.step.on
    assert node is not None  # the model refuses a script without a node
    text = script_of(attempt.plan, attempt.planned, shell)
    reached = await attempt.reach.shell(node)
    attempt.job = job = await jobs.start(reached, Script(text, attempt.env))
    async for chunk in job.follow():
        attempt.write(chunk)
    status = await job.result()
    attempt.job = None
    if status != 0:
        raise Failed(_("The script ended with exit status {status}.").format(status=status), status)


async def _wait(attempt: Attempt, wait: Wait) -> None:
    seen: str | None = None
    while True:
        reading = await _read(attempt, wait.service)
        line = f"{wait.service}: {reading.state.value} {reading.detail}".rstrip()
        if line != seen:
            attempt.say(line)
            seen = line
        if reading.state in wait.is_:
            return
        await asyncio.sleep(POLL)


async def _read(attempt: Attempt, service: str) -> Reading:
    reading = await probe_service(attempt.plan, service, attempt.reach)
    attempt.observe(service, reading)
    return reading


async def _sql(attempt: Attempt, sql: Sql) -> None:
    answer = await clients.query(attempt.plan, sql, attempt.reach)
    attempt.say(f"{sql.query.strip()}\n→ {answer}")
    if sql.equals is not None and answer != sql.equals:
        raise Failed(_("The query answers {answer}, expected {wanted}.").format(answer=answer, wanted=sql.equals))


async def _redis(attempt: Attempt, redis: Redis) -> None:
    answer = await clients.command(attempt.plan, redis, attempt.reach)
    attempt.say(f"{' '.join(redis.command)}\n→ {answer}")
    if redis.equals is not None and answer != redis.equals:
        raise Failed(_("Redis answers {answer}, expected {wanted}.").format(answer=answer, wanted=redis.equals))


async def _http(attempt: Attempt, http: Http) -> None:
    status, body = await clients.request(attempt.plan, http, attempt.reach)
    attempt.say(f"{http.method} {http.path} → {status}\n{body}")
    if status not in http.status:
        raise Failed(_("{path} answers {status}.").format(path=http.path, status=status))


async def _hands(attempt: Attempt, hands: str) -> None:
    """In the lab the lab does what hands would; `plan.hands` is the command that does it."""
    try:
        process = await asyncio.create_subprocess_exec(
            *attempt.plan.hands, hands, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
    except OSError as problem:
        raise Failed(_("The lab could not do it: {hands}").format(hands=problem)) from problem
    output, _rest = await process.communicate()
    attempt.write(output)
    if process.returncode:
        raise Failed(_("The lab could not do it: {hands}").format(hands=hands), process.returncode)


async def _verify(attempt: Attempt, verify: Verify) -> None:
    if verify.shell is not None:
        attempt.say(_("— check: a script"))
        await _shell(attempt, verify.shell)
    elif verify.sql is not None:
        attempt.say(_("— check: a query"))
        await _sql(attempt, verify.sql)
    elif verify.service is not None:
        await _settled(attempt, verify.service, verify.states)


async def _settled(attempt: Attempt, service: str, wanted: tuple[State, ...]) -> None:
    names = ", ".join(state.value for state in wanted)
    attempt.say(_("— check: {service} is {states}").format(service=service, states=names))
    reading: Reading | None = None
    try:
        async with asyncio.timeout(SETTLE):
            while True:
                reading = await _read(attempt, service)
                if reading.state in wanted:
                    attempt.say(f"{service}: {reading.state.value} {reading.detail}".rstrip())
                    return
                await asyncio.sleep(POLL)
    except TimeoutError:
        found = f"{reading.state.value} {reading.detail}".strip() if reading else State.UNKNOWN.value
        raise Failed(
            _("{service} is {found}, expected {states}.").format(service=service, found=found, states=names)
        ) from None
