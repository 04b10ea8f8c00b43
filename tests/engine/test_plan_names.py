"""Every name in a plan means something, or the error says where it does not and what was meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.plans import change, complaints, place, sample_plan_folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return sample_plan_folder(tmp_path)


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("plan", "on: desktop", "on: desktp", "services.ollama.on: unknown node 'desktp'; did you mean 'desktop'?"),
        ("plan", "[postgresql, backend, ollama]", "[postgres, backend, ollama]",
         "critical_path.0: unknown service 'postgres'; did you mean 'postgresql'?"),
        ("plan", "depends_on: [postgresql, redis]", "depends_on: [postgresql, rediss]",
         "services.backend.depends_on.1: unknown service 'rediss'; did you mean 'redis'?"),
        ("plan", "secrets: [PGPASSWORD]", "secrets: [PGPASSWD]",
         "nodes.macmini.secrets.0: unknown secret 'PGPASSWD'; did you mean 'PGPASSWORD'?"),
        ("plan", "password: PGPASSWORD", "password: PGPASSWD",
         "services.postgresql.probe.postgres.password: unknown secret 'PGPASSWD'; did you mean 'PGPASSWORD'?"),
        ("plan", "secret_key: MINIO_PASSWORD", "secret_key: MINIO_PASWORD",
         "services.minio.probe.s3.secret_key: unknown secret 'MINIO_PASWORD'; did you mean 'MINIO_PASSWORD'?"),
        ("plan", "services: [postgresql]", "services: [zzz]",
         "backup_sets.postgres.services.0: unknown service 'zzz'; known: postgresql, redis, minio, backend, ollama"),
        ("plan", "made_by: backup-postgres", "made_by: backup-postgre",
         "backup_sets.postgres.made_by: unknown runbook 'backup-postgre'; did you mean 'backup-postgres'?"),
        ("plan", "dir: $BACKUP_DIR", "dir: ${BACKUP_DIRR}/daily",
         "backup_sets.postgres.dir: unknown variable '$BACKUP_DIRR'; did you mean '$BACKUP_DIR'?"),
        ("plan", "hostnames: macmini.local", "folders: $PROJECT_DR",
         "nodes.macmini.folders: unknown variable '$PROJECT_DR'; did you mean '$PROJECT_DIR'?"),
        ("plan", "port: 6379", "port: 5432",
         "services.redis.port: port 5432 of macmini already belongs to 'postgresql'"),
        ("scenarios", "affects: [ollama]", "affects: [olama]",
         "scenarios.desktop.affects.0: unknown service 'olama'; did you mean 'ollama'?"),
        ("scenarios", "runbooks: [database]", "runbooks: [databse]",
         "scenarios.database.runbooks.0: unknown runbook 'databse'; did you mean 'database'?"),
        ("scenarios", "contacts: [dba]", "contacts: [dbaa]",
         "scenarios.database.contacts.0: unknown contact 'dbaa'; did you mean 'dba'?"),
        ("scenarios", "service: postgresql", "service: postgres",
         "scenarios.database.signs.0.service: unknown service 'postgres'; did you mean 'postgresql'?"),
        ("scenarios", "node: desktop", "node: dsktop",
         "scenarios.desktop.signs.0.node: unknown node 'dsktop'; did you mean 'desktop'?"),
        ("contacts", "who: [lead]", "who: [led]",
         "escalation.1.who.0: unknown contact 'led'; did you mean 'lead'?"),
        ("contacts", "who: [$owner]", "who: [$onwer]",
         "escalation.0.who.0: unknown contact '$onwer'; did you mean '$owner'?"),
        ("contacts", "id: lead", "id: owner", "escalation.1.id: there is already a stage 'owner'"),
        ("contacts", "  apple:", "  lead:",
         "external.lead: this id is already somebody of the team; give one of them another id"),
        ("drills", "scenario: database", "scenario: databas",
         "drills.q3.scenario: unknown scenario 'databas'; did you mean 'database'?"),
        ("drills", "runbook: database", "runbook: databas",
         "drills.q3.runbook: unknown runbook 'databas'; did you mean 'database'?"),
        ("database", "restores: [postgresql]", "restores: [postgreql]",
         "restores.0: unknown service 'postgreql'; did you mean 'postgresql'?"),
        ("database", "pick: postgres", "pick: postgre",
         "inputs.PG_BACKUP.pick: unknown backup set 'postgre'; did you mean 'postgres'?"),
        ("database", "on: macmini", "on: macmni", "steps.0.on: unknown node 'macmni'; did you mean 'macmini'?"),
        ("database", "needs: [restore]", "needs: [restor]",
         "steps.3.needs.0: unknown step 'restor'; did you mean 'restore'?"),
        ("database", "verify: { service: backend", "verify: { service: bckend",
         "steps.0.verify.service: unknown service 'bckend'; did you mean 'backend'?"),
        ("database", "wait: { service: postgresql", "wait: { service: postgres",
         "steps.4.wait.service: unknown service 'postgres'; did you mean 'postgresql'?"),
        ("database", "sql: { service: postgresql", "sql: { service: redis",
         "steps.2.sql.service: 'redis' is no PostgreSQL: its probe is redis"),
        ("database", "redis: { service: redis", "redis: { service: postgresql",
         "steps.3.redis.service: 'postgresql' is no Redis: its probe is postgres"),
        ("database", "verify: { service: backend, is: refused }",
         "verify: { sql: { service: backend, query: select 1 } }",
         "steps.0.verify.sql.service: 'backend' is no PostgreSQL: its probe is http"),
        ("database", '"No space left"', '"No [space"',
         "steps.1.hint.0.on: no regular expression: unterminated character set at position 3"),
        ("database", "type: $PG_DATABASE", "type: drop $PG_DATABAS",
         "steps.1.confirm.type: unknown variable '$PG_DATABAS'; did you mean '$PG_DATABASE'?"),
        ("database", "id: database", "id: databass",
         "id: the id is 'databass', but the file is database.yaml; an id and the name of its file are the same"),
        ("database", "id: count\n", "id: restore\n", "steps.2.id: there is already a step 'restore' (line 21)"),
        ("desktop-gpu", "s3: { service: minio", "s3: { service: redis",
         "steps.2.s3.service: 'redis' is no S3: its probe is redis"),
        ("desktop-gpu", "http: { service: backend", "http: { service: backnd",
         "steps.4.http.service: unknown service 'backnd'; did you mean 'backend'?"),
        ("desktop-gpu", "include: database", "include: databas",
         "steps.3.include: unknown runbook 'databas'; did you mean 'database'?"),
        ("desktop-gpu", "shell: { posix: ollama pull llama2, powershell: ollama pull llama2 }", "shell: ollama",
         "steps.1.shell: node 'desktop' is Windows: the script has no powershell variant; add powershell: …"),
        ("database", 'undo: { posix: "echo started" }', 'undo: { powershell: "echo started" }',
         "steps.0.undo: node 'macmini' is no Windows: the script has no posix variant; add posix: …"),
    ],
)  # fmt: skip
def test_a_name_that_means_nothing_is_found(folder: Path, file: str, old: str, new: str, words: str) -> None:
    change(folder, f"{file}.yaml", old, new)
    found = complaints(folder)
    assert found[0].split(": ", 1) == [_last_place(folder, f"{file}.yaml", new.strip("\n")), words]
    assert all("unknown" in other for other in found[1:])


def _last_place(folder: Path, file: str, text: str) -> str:
    lines = (folder / file).read_text(encoding="utf-8").splitlines()
    return f"{file}:{max(number for number, line in enumerate(lines, 1) if text in line)}"


# -- order -------------------------------------------------------------------------------------------


def test_needs_may_name_steps_that_come_later_in_the_file(folder: Path) -> None:
    change(
        folder, "database.yaml", "    title: Count the users", "    needs: [clean-cache]\n    title: Count the users"
    )
    assert complaints(folder) == []


def test_needs_that_go_in_a_circle_are_shown_as_a_way(folder: Path) -> None:
    change(folder, "database.yaml", "    title: Restore beside", "    needs: [health]\n    title: Restore beside")
    where = place(folder, "database.yaml", "needs: [health]")
    assert complaints(folder) == [
        f"{where}: steps.1.needs: steps wait for each other: restore → health → count → restore"
    ]


def test_a_step_that_needs_itself_is_a_circle(folder: Path) -> None:
    change(folder, "database.yaml", "needs: [restore]", "needs: [clean-cache]")
    where = place(folder, "database.yaml", "needs: [clean-cache]")
    assert complaints(folder) == [f"{where}: steps.3.needs: steps wait for each other: clean-cache → clean-cache"]


def test_two_circles_are_both_found(folder: Path) -> None:
    change(folder, "database.yaml", "needs: [restore]", "needs: [clean-cache]")
    change(folder, "database.yaml", "needs: [count, clean-cache]", "needs: [health]")
    assert len(complaints(folder)) == 2


def test_services_that_depend_on_each_other_are_a_circle(folder: Path) -> None:
    change(folder, "plan.yaml", "rto: 15m", "rto: 15m\n    depends_on: [backend]")
    where = place(folder, "plan.yaml", "depends_on: [backend]")
    assert complaints(folder) == [
        f"{where}: services.redis.depends_on: a service cannot wait for itself: redis → backend → redis"
    ]


def test_includes_that_go_in_a_circle_are_shown_as_a_way(folder: Path) -> None:
    change(folder, "database.yaml", "redis: { service: redis, command: [FLUSHDB] }", "include: desktop-gpu")
    where = place(folder, "database.yaml", "include: desktop-gpu")
    assert complaints(folder) == [
        f"{where}: steps.3.include: a runbook cannot include itself: database → desktop-gpu → database"
    ]


def test_includes_that_multiply_beyond_reason_are_refused(folder: Path) -> None:
    for number in range(12):
        inner = f"include: grow-{number - 1}" if number else "manual: { say: x }"
        steps = "".join(f"  - {{ id: {step}, title: x, {inner} }}\n" for step in "abc")
        (folder / f"grow-{number}.yaml").write_text(f"id: grow-{number}\ntitle: x\nsteps:\n{steps}")
    assert complaints(folder) == ["grow-6.yaml:3: steps: more than 1000 steps with what it includes"]


def test_includes_nested_beyond_reason_are_refused(folder: Path) -> None:
    for number in range(30):
        inner = f"include: grow-{number - 1}" if number else "manual: { say: x }"
        text = f"id: grow-{number}\ntitle: x\nsteps:\n  - {{ id: a, title: x, {inner} }}\n"
        (folder / f"grow-{number}.yaml").write_text(text)
    assert complaints(folder) == ["grow-20.yaml:3: steps: includes within includes, more than 20 deep"]


# -- what a script may use ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["PG_DATABASE", "PGPASSWORD", "PG_BACKUP", "RESTORE_JOBS", "SCRATCH", "RUN_STAMP"])
def test_the_word_to_type_may_come_from_anything_the_script_finds(folder: Path, name: str) -> None:
    change(folder, "database.yaml", "type: $PG_DATABASE", f'type: "${{{name}}}"')
    assert complaints(folder) == []


def test_every_unknown_variable_of_a_text_is_named(folder: Path) -> None:
    change(folder, "database.yaml", "type: $PG_DATABASE", "type: $ONE and $TWO")
    assert len(complaints(folder)) == 2


def test_an_included_runbook_finds_the_inputs_of_what_includes_it(folder: Path) -> None:
    change(folder, "desktop-gpu.yaml", "steps:\n", 'inputs:\n  OUTER: { default: "x" }\nsteps:\n')
    change(folder, "database.yaml", "type: $PG_DATABASE", "type: $OUTER")
    assert complaints(folder) == []


def test_a_runbook_finds_the_inputs_of_what_it_includes(folder: Path) -> None:
    change(folder, "desktop-gpu.yaml", "on: macmini\n", "on: macmini\n    confirm: { type: $PG_BACKUP }\n")
    assert complaints(folder) == []


# -- beside other errors -----------------------------------------------------------------------------


def test_names_of_a_file_that_cannot_be_read_are_not_called_unknown(folder: Path) -> None:
    for name in ("plan.yaml", "contacts.yaml", "scenarios.yaml", "database.yaml"):
        (folder / name).write_text("\t")
        (folder / name).write_text("a: [\n")
    assert [complaint.split(":")[0] for complaint in complaints(folder)] == [
        "contacts.yaml", "database.yaml", "plan.yaml", "scenarios.yaml",
    ]  # fmt: skip


def test_names_are_checked_in_files_that_have_other_errors(folder: Path) -> None:
    change(folder, "database.yaml", "    shell: gunzip", "    shel: gunzip")
    change(folder, "database.yaml", "needs: [restore]", "needs: [restor]")
    change(folder, "plan.yaml", "criticality: high", "criticality: hihg")
    assert [complaint.rpartition("; ")[2] for complaint in complaints(folder)] == [
        "did you mean 'shell'?",
        "did you mean 'restore'?",
        "did you mean 'high'?",
    ]


def test_a_key_that_hides_all_services_does_not_make_every_name_unknown(folder: Path) -> None:
    change(folder, "plan.yaml", "services:", "servces:")
    assert complaints(folder) == [
        "plan.yaml:1: services: the key is missing",
        f"{place(folder, 'plan.yaml', 'servces:')}: servces: unknown key; did you mean 'services'?",
    ]


def test_an_unknown_name_with_the_wrong_letters_is_one_error_not_two(folder: Path) -> None:
    change(folder, "database.yaml", "on: macmini", "on: Macmini")
    where = place(folder, "database.yaml", "on: Macmini")
    assert complaints(folder) == [f"{where}: steps.0.on: unknown node 'Macmini'; did you mean 'macmini'?"]
