"""The part of the readiness check that needs no node: what a correct plan still leaves open. Changes nothing."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sparkdr_tui.plan.includes import doers
from sparkdr_tui.plan.model import (
    Contact,
    PostgresProbe,
    RedisProbe,
    S3Probe,
    Service,
    Text,
    format_duration,
)
from sparkdr_tui.plan.runbook import Plan, Runbook

_PLACEHOLDER = re.compile(r"\[[A-Z][A-Z0-9_]{2,}\]|\[(?:이름|번호|이메일)\]")
_DEFAULT_PAIR = ("minioadmin", "minioadmin")
_DEFAULT_PASSWORDS = ("postgres", "password", "admin", "changeme", "secret", "foobared", "1234", "123456")
_TEAM_FIELDS = {"name": "이름", "phone": "전화번호", "email": "이메일"}
_OUTSIDE_FIELDS = {"phone": "전화번호"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: in order (`ok`), to be improved (`warn`), or in the way of any recovery (`stop`)."""

    state: Literal["ok", "warn", "stop"]
    subject: str
    reason: Text
    todo: Text | None = None
    check: Literal["plan", "host-key", "passwords", "offsite", "contacts"] = "plan"
    """What was looked at, as programs know it."""


def static_warnings(plan: Plan) -> tuple[Finding, ...]:
    """What the plan alone says about readiness, most pressing first; the first finding is the plan itself."""
    found = [
        *_nodes(plan),
        *_placeholders(plan),
        *_default_passwords(plan),
        *_services(plan),
        *_backups(plan),
        *_schedules(plan),
        *_scenarios(plan),
        *_contacts(plan),
        *(finding for runbook in plan.runbooks.values() for finding in _steps(runbook)),
    ]
    found.sort(key=lambda finding: finding.state != "stop")
    counts = len(plan.nodes), len(plan.services), len(plan.scenarios), len(plan.runbooks)
    valid = Text(
        en="valid: {} nodes, {} services, {} scenarios, {} runbooks".format(*counts),
        ko="유효함: 노드 {}, 서비스 {}, 시나리오 {}, 런북 {}".format(*counts),
    )
    return (Finding("ok", plan.name, valid), *found)


def _nodes(plan: Plan) -> Iterator[Finding]:
    for name, node in plan.nodes.items():
        if node.ssh is None and not node.hostnames:
            yield Finding(
                "warn",
                name,
                Text(
                    en="has neither ssh nor hostnames: its scripts run on whatever machine this is",
                    ko="ssh도 hostnames도 없음: 스크립트가 지금 이 컴퓨터에서 실행됨",
                ),
                Text(
                    en="Give it ssh, or the hostnames of this machine.",
                    ko="ssh 또는 이 컴퓨터의 hostnames를 지정하세요.",
                ),
            )
    if any(node.ssh for node in plan.nodes.values()) and not (plan.folder / "known_hosts").is_file():
        yield Finding(
            check="host-key",
            state="stop",
            subject="known_hosts",
            reason=Text(
                en="is not in the plan folder: no node is trusted, so none can be reached by SSH",
                ko="계획 폴더에 없음: 신뢰하는 노드가 없어 SSH로 접속할 수 없음",
            ),
            todo=Text(
                en="Collect the nodes' host keys with ssh-keyscan, compare their fingerprints, and keep them there.",
                ko="ssh-keyscan으로 노드의 호스트 키를 모으고 지문을 확인한 뒤 그 파일에 저장하세요.",
            ),
        )


def _placeholders(plan: Plan) -> Iterator[Finding]:
    values = [(f"{name}.env.{key}", value) for name, node in plan.nodes.items() for key, value in node.env.items()]
    for runbook in plan.runbooks.values():
        values += [(f"{runbook.id}.inputs.{key}", each.default or "") for key, each in runbook.inputs.items()]
        values += [(f"{runbook.id}.{step.id}.env.{key}", v) for step in runbook.steps for key, v in step.env.items()]
    for name, backup_set in plan.backup_sets.items():
        if backup_set.copy_to is not None:
            values += [(f"{name}.copy_to.{key}", str(value)) for key, value in backup_set.copy_to]
    for subject, value in values:
        if match := _PLACEHOLDER.search(value):
            yield Finding(
                "warn",
                subject,
                Text(en=f"still holds the placeholder {match[0]}", ko=f"자리표시자 {match[0]}가 남아 있음"),
                Text(en="Write the real value.", ko="실제 값을 적으세요."),
            )


def _default_passwords(plan: Plan) -> Iterator[Finding]:
    for name, service in plan.services.items():
        if _is_default(plan, service):
            yield Finding(
                "warn",
                name,
                Text(en="uses the default credentials everybody knows", ko="누구나 아는 기본 계정을 사용함"),
                Text(en="Give it credentials of its own (E25).", ko="고유한 계정으로 바꾸세요 (E25)."),
                "passwords",
            )


def _is_default(plan: Plan, service: Service) -> bool:
    """Whether what the plan logs in with is what comes with the service, or what people type first."""
    probe = service.probe.kind
    if isinstance(probe, S3Probe):
        return (_value(plan, probe.access_key), _value(plan, probe.secret_key)) == _DEFAULT_PAIR
    if isinstance(probe, PostgresProbe | RedisProbe) and probe.password is not None:
        user = probe.user if isinstance(probe, PostgresProbe) else "redis"
        return _value(plan, probe.password).lower() in (*_DEFAULT_PASSWORDS, user.lower())
    return False


def _value(plan: Plan, name: str) -> str:
    """The value of a secret as far as it can be read here; whether it is there at all is not this check's business."""
    secret = plan.secrets[name]
    if secret.file is None:
        return os.environ.get(secret.env or "", "")
    try:
        return (plan.folder / Path(secret.file).expanduser()).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, ValueError, RuntimeError):
        return ""


def _services(plan: Plan) -> Iterator[Finding]:
    backed_up = {name for backup_set in plan.backup_sets.values() for name in backup_set.services}
    for name, service in plan.services.items():
        if service.rto is None:
            yield Finding(
                "warn",
                name,
                Text(en="has no RTO: nothing says how long it may be down", ko="RTO 없음: 허용 중단 시간을 알 수 없음"),
                Text(en="Set rto.", ko="rto를 지정하세요."),
            )
        holds_data = name in backed_up or service.probe.postgres or service.probe.redis or service.probe.s3
        if service.rpo is None and holds_data:
            yield Finding(
                "warn",
                name,
                Text(en="holds data and has no RPO", ko="데이터가 있으나 RPO 없음"),
                Text(en="Set rpo.", ko="rpo를 지정하세요."),
            )


def _backups(plan: Plan) -> Iterator[Finding]:
    for name, backup_set in plan.backup_sets.items():
        objectives = [backup_set.rpo, *(plan.services[service].rpo for service in backup_set.services)]
        tightest = min((each for each in objectives if each is not None), default=None)
        if tightest is not None and backup_set.every > tightest and not backup_set.optional:
            every, rpo = format_duration(backup_set.every), format_duration(tightest)
            yield Finding(
                "warn",
                name,
                Text(en=f"is made every {every}, its RPO is {rpo}", ko=f"백업 주기 {every}가 RPO {rpo}보다 김"),
                Text(en="Back up at least as often as the RPO.", ko="RPO 이내의 주기로 백업하세요."),
            )
        if backup_set.made_by is None:
            yield Finding(
                "warn",
                name,
                Text(en="no runbook makes it", ko="이 백업을 만드는 런북이 없음"),
                Text(en="Name one with made_by.", ko="made_by에 런북을 지정하세요."),
            )
    if not plan.backup_sets:
        yield Finding(
            "warn",
            "backup_sets",
            Text(en="there is no backup set: nothing to restore from", ko="백업 세트 없음: 복원할 것이 없음"),
            Text(en="Keep a copy in another place.", ko="다른 장소에 사본을 두세요."),
        )
    yield from _second_places(plan)


def _second_places(plan: Plan) -> Iterator[Finding]:
    """Sets that hold what was promised and are kept in one place only."""
    todo = Text(en="Name a second place in plan.yaml (copy_to).", ko="plan.yaml에 두 번째 장소(copy_to)를 지정하세요.")
    if plan.backup_sets and not any(each.copy_to for each in plan.backup_sets.values()):
        reason = Text(
            en="no off-site copy is configured: a fire or a flood takes every backup (E24)",
            ko="외부 사본 없음: 화재나 침수가 나면 모든 백업을 잃음 (E24)",
        )
        yield Finding("warn", "backup_sets", reason, todo, "offsite")
        return
    for name, backup_set in plan.backup_sets.items():
        promised = backup_set.rpo or any(plan.services[service].rpo for service in backup_set.services)
        if promised and not backup_set.optional and backup_set.copy_to is None:
            reason = Text(
                en="has no off-site copy: a fire or a flood takes every backup of it (E24)",
                ko="외부 사본 없음: 화재나 침수가 나면 이 백업을 모두 잃음 (E24)",
            )
            yield Finding("warn", name, reason, todo, "offsite")


def _schedules(plan: Plan) -> Iterator[Finding]:
    """What is made too seldom by itself, or never (E13)."""
    if not plan.schedules:
        return
    done = [(each.period, doers(plan, [each.runbook])) for each in plan.schedules.values()]
    for name, backup_set in plan.backup_sets.items():
        if backup_set.made_by is None or backup_set.optional:
            continue
        wanted = doers(plan, [backup_set.made_by])
        period = min((every for every, does in done if wanted <= does), default=None)
        if period is not None and period <= backup_set.every:
            continue
        every = format_duration(backup_set.every)
        often = format_duration(period) if period else ""
        yield Finding(
            "warn",
            name,
            Text(
                en=f"is to be made every {every}, and "
                + (f"a schedule makes it every {often}" if often else "no schedule makes it"),
                ko=f"{every}마다 백업해야 하나 " + (f"일정은 {often}마다임" if often else "일정에 없음"),
            ),
            Text(
                en="Give it a schedule that is frequent enough (E13).",
                ko="충분히 자주 실행되는 일정을 지정하세요 (E13).",
            ),
        )


def _scenarios(plan: Plan) -> Iterator[Finding]:
    for name, scenario in plan.scenarios.items():
        if not scenario.runbooks:
            yield Finding(
                "warn",
                name,
                Text(en="no runbook answers this scenario", ko="이 시나리오에 대응하는 런북이 없음"),
                Text(en="Name at least one under runbooks.", ko="runbooks에 하나 이상 지정하세요."),
            )


def _contacts(plan: Plan) -> Iterator[Finding]:
    for group, fields in ((plan.contacts.team, _TEAM_FIELDS), (plan.contacts.external, _OUTSIDE_FIELDS)):
        for name, contact in group.items():
            empty = [field for field in fields if _empty(contact, field)]
            if empty:
                yield Finding(
                    "warn",
                    name,
                    Text(
                        en=f"{contact.role.en}: {', '.join(empty)} missing",
                        ko=f"{contact.role.ko}: {', '.join(fields[field] for field in empty)} 없음",
                    ),
                    Text(en="Fill it in in contacts.yaml (E20).", ko="contacts.yaml에 적으세요 (E20)."),
                    "contacts",
                )


def _empty(contact: Contact, field: str) -> bool:
    value: str = getattr(contact, field).strip()
    return not value or bool(_PLACEHOLDER.search(value))


def _steps(runbook: Runbook) -> Iterator[Finding]:
    for step in runbook.steps:
        missing = [key for key in ("expect", "timeout") if getattr(step, key) is None]
        if missing and step.include is None:
            yield Finding(
                "warn",
                f"{runbook.id}.{step.id}",
                Text(en=f"has no {' and no '.join(missing)}", ko=f"{', '.join(missing)} 없음"),
                Text(
                    en="Say how long it takes and when to give up on it.",
                    ko="예상 시간과 제한 시간을 지정하세요.",
                ),
            )
