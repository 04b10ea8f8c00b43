"""The built-in plan says everything that the document says, in both languages, with scripts that a Mac can run."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import BaseModel

from sparkdr_tui.plan.graph import graph
from sparkdr_tui.plan.load import builtin, load
from sparkdr_tui.plan.model import Text
from sparkdr_tui.plan.runbook import Danger, Plan, Shell, Step

HANGUL = re.compile(r"[가-힣]")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)

OBJECTIVES = {
    "backend": (8000, HOUR, None),
    "postgresql": (5432, 30 * MINUTE, HOUR),
    "redis": (6379, 15 * MINUTE, HOUR),
    "minio": (9000, 2 * HOUR, 24 * HOUR),
    "minio-console": (9001, 2 * HOUR, 24 * HOUR),
    "ollama": (11434, 2 * HOUR, None),
    "comfyui": (8188, 2 * HOUR, None),
    "frontend": (3000, 4 * HOUR, None),
}
"""복구 목표, and the ports: service → port, RTO, RPO."""

SCENARIOS = {
    "macmini": (1, 2, "최우선 (1시간 이내)", HOUR, "전체 시스템 중단"),
    "desktop": (2, 2, "높음 (2시간 이내)", 2 * HOUR, "ComfyUI 이미지 생성 불가"),
    "laptop": (3, 2, "중간 (4시간 이내)", 4 * HOUR, "웹 UI 접근 불가"),
    "database": (4, 1, "최우선 (30분 이내)", 30 * MINUTE, "워크플로우 히스토리 손실"),
    "minio": (5, 1, "높음 (2시간 이내)", 2 * HOUR, "생성된 자산 파일 손실"),
    "network": (6, 3, "최우선 (30분 이내)", 30 * MINUTE, "모든 노드 간 통신 불가"),
}
"""재해 시나리오: id → number, level, priority, RTO, one of its impacts."""

PROCEDURES = (
    "macmini-hardware",
    "macmini-software",
    "database",
    "redis",
    "desktop-gpu",
    "frontend",
    "minio",
    "network",
    "blackout",
)

ROWS_OF_STEPS = set(range(1, 34)) - {15}
"""Rows of the errata that are about what a step does; E15 is about deleting old backups, which no step does."""

GNU_ONLY = (
    r"\bmapfile\b|\breadarray\b|\bdeclare -A\b|\bwait -n\b|\bcoproc\b|\bexec \{",
    r"\$\{\w+(,,|\^\^)\}|\|&|&>>|\$EPOCHSECONDS",
    r"\bsetsid\b|\btimeout\b|\btac\b|\bsha256sum\b|\breadlink -f\b|\brealpath\b|\bnproc\b|\bpkill\b|\bkillall\b",
    r"\bstat -c|\bdate -d|\bsed -i|\bgrep -P|\bxargs -r|\bhead -c -|\bdu -b|\bdf -B|\bps aux|\bsort -V|\btouch -d",
    r"\b(date|sed|grep|cp|mv|rm|ls|df|ps|head|tail|mktemp|sort|find|tar|du|wc|cut|tr) "
    r"[^\n|;$]*(?<= )--(?!version)[a-z]",
    r"-mtime \+0\b|\bps [^\n]*-o \w+=,|\bfind .*-printf|\becho -e|\bcurl [^\n]*\|\s*(ba)?sh|\bping -[wW]",
)
"""What macOS's bash 3.2 and BSD userland lack, or understand otherwise."""
MAC_NODES = ("macmini", "laptop")


@pytest.fixture(scope="module")
def plan() -> Plan:
    return load(builtin())


def scripts(plan: Plan) -> Iterator[tuple[str, str | None, Shell]]:
    """Every script of the plan, with where it stands and the node it runs on."""
    for runbook in plan.runbooks.values():
        for step in runbook.steps:
            given = {
                "shell": step.shell,
                "undo": step.undo,
                "show": step.confirm.show if step.confirm else None,
                **{f"verify {at}": check.shell for at, check in enumerate(step.verify)},
            }
            for kind, shell in given.items():
                if shell is not None:
                    yield f"{runbook.id}.{step.id} {kind}", step.on, shell


def steps(plan: Plan) -> Iterator[tuple[str, Step]]:
    for runbook in plan.runbooks.values():
        for step in runbook.steps:
            yield f"{runbook.id}.{step.id}", step


# -- what the document says ------------------------------------------------------------------------------


def test_every_port_and_every_objective_of_the_document_is_there(plan: Plan) -> None:
    assert {name: (each.port, each.rto, each.rpo) for name, each in plan.services.items()} == OBJECTIVES
    assert plan.critical_path == ("postgresql", "backend", "ollama", "frontend")
    assert plan.backup_sets["config"].rpo == 24 * HOUR
    assert "RPO 0" in plan.backup_sets["git-log"].title.ko


def test_the_three_nodes_have_the_documents_roles_and_addresses(plan: Plan) -> None:
    found = {name: (node.address, node.criticality, node.os) for name, node in plan.nodes.items()}
    assert found == {
        "macmini": (("100.123.51.5",), "critical", "macos"),
        "desktop": (("100.120.180.42",), "high", "windows"),
        "laptop": (("192.168.0.101",), "medium", "macos"),
    }


def test_the_six_scenarios_keep_number_level_priority_and_impact(plan: Plan) -> None:
    for name, (number, level, priority, rto, impact) in SCENARIOS.items():
        scenario = plan.scenarios[name]
        assert (scenario.number, scenario.level, scenario.priority.ko, scenario.rto) == (number, level, priority, rto)
        assert impact in [text.ko for text in scenario.impact]
    assert plan.scenarios["redis"].rto == 15 * MINUTE
    assert plan.scenarios["blackout"].level == 4


def test_every_procedure_of_the_document_is_a_runbook_that_a_scenario_offers(plan: Plan) -> None:
    offered = {name for scenario in plan.scenarios.values() for name in scenario.runbooks}
    assert set(PROCEDURES) <= offered


def test_every_scenario_says_what_it_looks_like_what_answers_it_and_whom_it_needs(plan: Plan) -> None:
    for name, scenario in plan.scenarios.items():
        assert scenario.runbooks and scenario.contacts and scenario.affects, name
        assert scenario.signs or name == "site-loss", name


def test_the_loss_of_the_site_which_only_people_can_tell_is_a_later_choice_of_what_it_looks_like(plan: Plan) -> None:
    offering = [name for name, scenario in plan.scenarios.items() if "site-loss" in scenario.runbooks[1:]]
    assert offering == ["macmini-blank", "blackout"]
    assert plan.scenarios["site-loss"].level == 4 and plan.scenarios["site-loss"].runbooks == ("site-loss",)


def test_every_set_that_promises_something_is_copied_and_fetched_before_anything_is_restored(plan: Plan) -> None:
    promising = [name for name, each in plan.backup_sets.items() if (each.services or each.rpo) and not each.optional]
    for runbook, direction in (("backup-daily", "backup"), ("site-loss", "restore")):
        steps = [planned.step.s3 for planned in graph(plan, runbook) if planned.step.s3 and planned.step.s3.offsite]
        assert [(s3.offsite, s3.direction) for s3 in steps] == [(name, direction) for name in promising]
    placed = {planned.id: planned for planned in graph(plan, "site-loss")}

    def before(step: str) -> set[str]:
        return {need for each in placed[step].needs for need in {each, *before(each)}}

    assert {f"fetch-{name}" for name in promising} | {"drive.mounted"} <= before("macmini.machine")


def test_the_plan_as_it_comes_names_no_second_place_and_shows_how_to_name_one(plan: Plan, tmp_path: Path) -> None:
    assert not any(each.copy_to for each in plan.backup_sets.values())
    folder = tmp_path / "plan"
    shutil.copytree(builtin(), folder)
    text = (folder / "plan.yaml").read_text(encoding="utf-8")
    shown = re.sub(r"(?m)^( +)# (copy_to: [&*]|OFFSITE_)", r"\1\2", text)
    (folder / "plan.yaml").write_text(shown, encoding="utf-8")
    named = load(folder)
    assert {name for name, each in named.backup_sets.items() if each.copy_to} == {
        name for name, each in plan.backup_sets.items() if (each.services or each.rpo) and not each.optional
    }
    assert set(named.secrets) - set(plan.secrets) == {"OFFSITE_ACCESS_KEY", "OFFSITE_SECRET_KEY"}


def test_a_service_that_is_only_stopped_is_started_not_restored(plan: Plan) -> None:
    for name in plan.services:
        scenario = plan.scenarios.get(f"{name}-down")
        if scenario is None:
            continue
        dangers = {planned.step.danger for planned in graph(plan, scenario.runbooks[0])}
        assert Danger.DESTROYS not in dangers, name


def test_the_seven_roles_and_the_outside_support_are_there(plan: Plan) -> None:
    roles = [contact.role.ko for contact in plan.contacts.team.values()]
    assert roles == [
        "재해 복구 총괄", "시스템 관리자", "Backend 담당", "GPU 서버 담당", "Frontend 담당", "DBA", "네트워크 담당",
    ]  # fmt: skip
    assert plan.contacts.external["apple"].phone == "1588-6880"
    assert len(plan.contacts.external) == 4
    assert [stage.id for stage in plan.contacts.escalation] == ["owner", "lead", "team", "external"]
    assert [stage.levels for stage in plan.contacts.escalation] == [(1, 2), (3, 4), (), ()]


def test_what_the_document_leaves_open_stays_empty(plan: Plan) -> None:
    assert not any(each.name or each.phone or each.email for each in plan.contacts.team.values())


def test_the_calendar_has_the_four_quarters_and_the_monthly_backup_test(plan: Plan) -> None:
    quarters = {drill.when.quarter: drill.scenario for drill in plan.drills.values() if drill.when.quarter}
    assert quarters == {1: "macmini", 2: "desktop", 3: "database", 4: "network"}
    assert [name for name, drill in plan.drills.items() if drill.when.monthly] == ["monthly-backup-test"]
    assert all(drill.before and drill.after for drill in plan.drills.values())


def test_every_backup_set_is_made_by_a_runbook_onto_a_mounted_drive(plan: Plan) -> None:
    assert {each.name.partition("{stamp}")[0] for each in plan.backup_sets.values()} == {
        "postgres_", "postgres_fast_", "redis_", "config_",
        "minio_assets_", "minio_brand_", "minio_workflows_", "git_log_",
    }  # fmt: skip
    for name, backup_set in plan.backup_sets.items():
        assert backup_set.must_be_mounted, name
        for runbook in (backup_set.made_by, backup_set.verified_by):
            assert runbook is not None and plan.runbooks[runbook].routine, name
    assert plan.backup_sets["postgres"].every == plan.backup_sets["redis"].every == HOUR


# -- what every step says --------------------------------------------------------------------------------


def test_every_step_says_what_it_expects_how_long_it_may_take_and_where_it_comes_from(plan: Plan) -> None:
    for where, step in steps(plan):
        assert step.source, where
        if step.include is None:
            assert step.expect and step.timeout and step.expect <= step.timeout, where
            assert step.why and step.hint, where


def test_every_script_that_changes_something_is_checked_or_is_only_a_look(plan: Plan) -> None:
    looks = re.compile(r"address|ping|ports|firewall|mounted|from-backend|check|file|drop|stop|safety-copy|role|clear")
    for where, step in steps(plan):
        if step.shell is not None:
            assert step.verify or looks.search(step.id), where


def test_the_graph_of_every_runbook_has_only_unique_steps_that_need_known_ones(plan: Plan) -> None:
    for name in plan.runbooks:
        placed = graph(plan, name)
        ids = [planned.id for planned in placed]
        assert len(ids) == len(set(ids)), name
        assert {need for planned in placed for need in planned.needs} <= set(ids), name


def test_nothing_is_dropped_or_renamed_before_the_restored_copy_has_proved_itself(plan: Plan) -> None:
    placed = {planned.id: planned for planned in graph(plan, "database")}

    def before(step: str) -> set[str]:
        return {need for each in placed[step].needs for need in {each, *before(each)}}

    assert {"restore.check-backup.file", "restore.safety-copy", "restore.copy.load", "restore.copy.check"} <= before(
        "restore.swap"
    )
    destroying = [name for name, planned in placed.items() if planned.step.danger is Danger.DESTROYS]
    assert destroying == ["restore.swap", "clean.drop"]
    assert placed["clean.drop"].step.optional
    assert "restore.check-backup.file" in before("restore.clients.stop")


def test_new_hardware_restores_database_redis_and_objects_side_by_side(plan: Plan) -> None:
    placed = {planned.id: planned for planned in graph(plan, "macmini-hardware")}

    def before(step: str) -> set[str]:
        return {need for each in placed[step].needs for need in {each, *before(each)}}

    ways = ("database.copy.load", "redis.replace", "minio.assets", "venv", "config.files")
    for way in ways:
        assert not before(way) & set(ways), way
    assert {"database.swap", "redis.healthy", "venv", "config.files"} <= before("backend.start")
    assert "minio.assets" not in before("backend.start")


def test_the_notes_name_every_row_of_the_errata_that_is_about_a_step(plan: Plan) -> None:
    notes = " ".join(step.note.en for _, step in steps(plan) if step.note)
    services = " ".join(service.note.en for service in plan.services.values() if service.note)
    named = {int(row) for row in re.findall(r"\bE(\d+)\b", f"{notes} {services}")}
    assert not ROWS_OF_STEPS - named, sorted(ROWS_OF_STEPS - named)


def test_every_note_names_the_same_rows_in_both_languages(plan: Plan) -> None:
    for where, step in steps(plan):
        if step.note:
            rows = [re.findall(r"\bE\d+", text) for text in (step.note.en, step.note.ko)]
            assert sorted(rows[0]) == sorted(rows[1]), where


# -- both languages --------------------------------------------------------------------------------------

SAME_IN_BOTH = re.compile(r"^[A-Za-z0-9 .,:()→+/@-]+$")
"""Names of products and roles that are written in Latin letters in both languages."""


def texts(value: object, where: str) -> Iterator[tuple[str, Text]]:
    if isinstance(value, Text):
        yield where, value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from texts(each, f"{where}.{key}")
    elif isinstance(value, tuple):
        for at, each in enumerate(value):
            yield from texts(each, f"{where}.{at}")
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from texts(getattr(value, name), f"{where}.{name}")


def everything(plan: Plan) -> Iterator[tuple[str, Text]]:
    for name in ("nodes", "services", "scenarios", "contacts", "drills", "backup_sets", "runbooks"):
        value = getattr(plan, name)
        yield from texts(dict(value) if hasattr(value, "items") else value, name)


def test_every_text_is_in_english_and_in_korean(plan: Plan) -> None:
    found = list(everything(plan))
    assert len(found) > 500
    for where, text in found:
        assert text.en.strip() and text.ko.strip(), where
        assert not HANGUL.search(text.en.replace("쿼리 성능 정상", "")), where
        assert HANGUL.search(text.ko) or (text.en == text.ko and SAME_IN_BOTH.match(text.ko)), where


def test_the_korean_texts_use_the_documents_own_words(plan: Plan) -> None:
    korean = "\n".join(text.ko for _, text in everything(plan))
    for word in (
        "복구",
        "백업",
        "복원",
        "헬스체크",
        "매니페스트",
        "외래키",
        "레코드 수",
        "의존성",
        "버킷",
        "중요 경로",
    ):
        assert word in korean, word
    assert "—" not in korean


# -- scripts ---------------------------------------------------------------------------------------------


def test_every_script_has_the_variant_of_its_node_and_the_desktop_has_both(plan: Plan) -> None:
    for where, node, shell in scripts(plan):
        assert shell.posix, where
        assert (shell.powershell is not None) == (node == "desktop"), where


def test_every_posix_script_passes_shellcheck(plan: Plan, tmp_path: Path) -> None:
    files = {}
    for at, (where, _, shell) in enumerate(scripts(plan)):
        file = tmp_path / f"{at:03}.sh"
        file.write_text(f"#!/bin/bash\nset -euo pipefail\n{shell.posix}", encoding="utf-8")
        files[file.name] = where
    shellcheck = Path(sys.executable).with_name("shellcheck")
    done = subprocess.run(
        [str(shellcheck), "--shell=bash", "--format=gcc", *sorted(files)],
        cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    found = [f"{files[line.partition(':')[0]]}: {line}" for line in done.stdout.splitlines()]
    assert not found, "\n".join(found)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("forbidden", GNU_ONLY)
def test_no_posix_script_uses_what_a_mac_lacks(plan: Plan, forbidden: str) -> None:
    for where, node, shell in scripts(plan):
        if node in MAC_NODES:
            assert shell.posix is not None
            code = re.sub(r"(?m)(^|\s)#.*$", "", shell.posix)
            assert not (match := re.search(forbidden, code)), f"{where}: {match[0] if match else ''}"


def test_no_script_has_an_array_which_bash_3_2_takes_for_unset_when_it_is_empty(plan: Plan) -> None:
    for where, _, shell in scripts(plan):
        assert shell.posix is not None
        assert not re.search(r"(?m)^\s*\w+=\(|\[@\]", shell.posix), where


def test_no_script_has_a_here_document_inside_a_substitution_which_bash_3_2_misreads(plan: Plan) -> None:
    for where, _, shell in scripts(plan):
        assert shell.posix is not None
        assert not re.search(r"\$\([^)]*<<", shell.posix), where


def test_secrets_are_on_no_command_line(plan: Plan) -> None:
    for where, _, shell in scripts(plan):
        for text in (shell.posix, shell.powershell):
            for secret in plan.secrets:
                uses = re.findall(rf"(?m)^.*\$\{{?{secret}\b.*$", text or "")
                assert all("[ " in line for line in uses), (where, uses)


def test_backups_of_postgresql_are_named_after_they_are_whole_and_completed_by_their_manifest(plan: Plan) -> None:
    step = next(each for each in plan.runbooks["postgresql-dump"].steps if each.id == "dump")
    assert step.shell is not None and step.shell.posix is not None
    text = step.shell.posix
    order = [
        "pg_dump -w",
        "gzip -t",
        "shasum",
        'mv ".$name.sha256.part"',
        'mv "$PART" "$name"',
        'mv ".$name.manifest.part"',
    ]
    places = [text.index(part) for part in order]
    assert places == sorted(places)
