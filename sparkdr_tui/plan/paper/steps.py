"""One step on paper: what it is, what to do by hand or paste into a terminal, how to see that it worked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sparkdr_tui.plan.model import State
from sparkdr_tui.plan.paper import markdown as md
from sparkdr_tui.plan.paper.words import Voice
from sparkdr_tui.plan.runbook import S3, Http, Redis, Runbook, Shell, Sql, Step, Verify


def step_lines(voice: Voice, book: Runbook, number: int, step: Step, needs: Sequence[int]) -> Iterator[str]:
    """A step under its number."""
    yield from md.heading(4, f"{number}. {voice.said(step.title)}", f"step-{book.id}-{step.id}")
    yield from (_facts(voice, step, needs), "")
    for word, said in (("why", step.why), ("note", step.note)):
        if said is not None:
            yield from (f"{voice.word(word)}: {voice.said(said)}", "")
    if step.source:
        yield from (f"{voice.word('source')}: {md.text(step.source)}", "")
    yield from _confirm(voice, step)
    yield from _action(voice, step)
    yield from _checks(voice, step)
    if step.undo is not None:
        yield from (f"**{voice.word('undo')}**", "", *_shell(voice, step, step.undo))
    yield from _hints(voice, step)


def _facts(voice: Voice, step: Step, needs: Sequence[int]) -> str:
    parts = [
        voice.word("needs", ", ".join(map(str, needs))) if needs else voice.word("at once"),
        voice.word("on", voice.node(step.on)) if step.on else "",
        voice.danger(step.danger),
        voice.word("optional") if step.optional else "",
        voice.word("always") if step.always else "",
        voice.word("expect", voice.time(step.expect)) if step.expect else "",
        voice.word("timeout", voice.time(step.timeout)) if step.timeout else "",
    ]
    return " · ".join(part for part in parts if part)


def _confirm(voice: Voice, step: Step) -> Iterator[str]:
    if step.confirm is None:
        return
    yield from (f"**{voice.word('type', md.code(step.confirm.type))}**", "")
    if step.confirm.show is not None:
        yield from (voice.word("show"), "", *_shell(voice, step, step.confirm.show))


def _action(voice: Voice, step: Step) -> Iterator[str]:
    if step.env:
        yield from (voice.word("with") + ": " + ", ".join(md.code(f"{k}={v}") for k, v in step.env.items()), "")
    if step.shell is not None:
        yield from _shell(voice, step, step.shell)
    elif step.sql is not None:
        yield from _sql(voice, voice.word("sql", voice.service(step.sql.service)), step.sql)
    elif step.redis is not None:
        yield from _redis(voice, step.redis)
    elif step.s3 is not None:
        yield from _s3(voice, step.s3)
    elif step.http is not None:
        yield from _http(voice, step.http)
    elif step.wait is not None:
        yield from (voice.word("wait", voice.service(step.wait.service), _states(voice, step.wait.is_)), "")
    elif step.manual is not None:
        yield from (voice.said(step.manual.say), "")
        yield from md.bullets(f"[ ] {voice.said(item)}" for item in step.manual.checklist)
    elif step.include is not None:
        yield from (voice.word("included", voice.runbook(step.include)), "")


def _shell(voice: Voice, step: Step, shell: Shell) -> Iterator[str]:
    """The variant that the step's node runs; both where the node has neither or the step names none."""
    node = voice.plan.nodes[step.on] if step.on else None
    windows = node is not None and node.os == "windows"
    name = voice.said(node.title) if node is not None else ""
    script, kind, language = (
        (shell.powershell, "run powershell", "powershell") if windows else (shell.posix, "run posix", "sh")
    )
    if script:
        yield from (voice.word(kind, name), "", md.fence(script, language), "")


def _sql(voice: Voice, intro: str, sql: Sql) -> Iterator[str]:
    yield from (intro, "", md.fence(sql.query, "sql"), "")
    if sql.equals is not None:
        yield from (voice.word("answer", md.code(sql.equals)), "")


def _redis(voice: Voice, redis: Redis) -> Iterator[str]:
    yield from (voice.word("redis", voice.service(redis.service)), "", md.fence(" ".join(redis.command)), "")
    if redis.equals is not None:
        yield from (voice.word("answer", md.code(redis.equals)), "")


def _s3(voice: Voice, s3: S3) -> Iterator[str]:
    if s3.offsite is not None:
        copied = voice.plan.backup_sets[s3.offsite]
        second = md.code(copied.copy_to.where) if copied.copy_to else voice.word("no second place")
        first = md.code(f"{copied.dir}/{copied.name}")
        yield from (voice.word(f"offsite {s3.direction}", voice.said(copied.title), first, second), "")
    if s3.make_buckets and s3.service is not None:
        buckets = ", ".join(md.code(each) for each in s3.make_buckets)
        yield from (voice.word("buckets", voice.service(s3.service), buckets), "")
    yield from md.bullets(
        voice.word(f"mirror {each.direction}", md.code(each.folder), md.code(each.bucket)) for each in s3.mirror
    )
    yield from md.bullets(
        voice.word("compare", md.code(each.folder), md.code(f"{each.folder}.manifest"), str(each.sample))
        for each in s3.compare
    )


def _http(voice: Voice, http: Http) -> Iterator[str]:
    status = voice.word("or").join(map(str, http.status))
    yield from (voice.word("http", http.method, voice.service(http.service), md.code(http.path), status), "")
    if http.body is not None:
        yield from (voice.word("body"), "", md.fence(http.body), "")


def _states(voice: Voice, states: Sequence[State]) -> str:
    return voice.word("or").join(voice.word(state.value) for state in states)


def _checks(voice: Voice, step: Step) -> Iterator[str]:
    for check in step.verify:
        yield from _check(voice, step, check)


def _check(voice: Voice, step: Step, check: Verify) -> Iterator[str]:
    start = f"**{voice.word('check')}**: "
    if check.service is not None:
        states = _states(voice, check.states)
        yield from (start + voice.word("check service", voice.service(check.service), states), "")
    elif check.sql is not None:
        service, equals = voice.service(check.sql.service), check.sql.equals
        intro = voice.word("check sql runs", service)
        if equals is not None:
            intro = voice.word("check sql", service, md.code(equals))
        yield from (start + intro, "", md.fence(check.sql.query, "sql"), "")
    elif check.shell is not None:
        yield from (start + voice.word("check script"), "", *_shell(voice, step, check.shell))


def _hints(voice: Voice, step: Step) -> Iterator[str]:
    items = [
        voice.word("hint on", md.code(hint.on), voice.said(hint.say)) if hint.on else voice.said(hint.say)
        for hint in step.hint
    ]
    if items:
        yield from (f"**{voice.word('hints')}**", "", *md.bullets(items))
