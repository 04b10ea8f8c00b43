"""A small plan with everything a plan can say, for tests; its addresses lead nowhere."""

from __future__ import annotations

from pathlib import Path

from sparkdr_tui.plan.load import PlanErrors, load
from sparkdr_tui.plan.runbook import Plan

PLAN = """\
name: Sample
version: "1.0"
state: ../state
nodes:
  macmini:
    title: Mac mini
    role: { en: Backend, ko: 백엔드 }
    criticality: critical
    address: [127.0.0.1, 127.0.0.2]
    os: macos
    ssh: { user: woosun, port: 22, key: keys/macmini }
    hostnames: macmini.local
    env:
      PROJECT_DIR: ~/sparklio
      BACKUP_DIR: /Volumes/Backup/sparklio
      PG_DATABASE: sparklio
    secrets: [PGPASSWORD]
  desktop:
    title: Desktop
    role: GPU
    criticality: high
    address: 127.0.0.3
    os: windows
    ssh: { user: gpu }
services:
  postgresql:
    title: PostgreSQL
    on: macmini
    port: 5432
    probe:
      postgres: { database: sparklio, user: sparklio_user, password: PGPASSWORD, tables: [users], amcheck: true }
    rto: 30m
    rpo: 1h
  redis:
    title: Redis
    on: macmini
    port: 6379
    probe: { redis: {} }
    rto: 15m
    rpo: 1h
  minio:
    title: MinIO
    on: macmini
    port: 9000
    probe: { s3: { buckets: [assets], access_key: MINIO_USER, secret_key: MINIO_PASSWORD, via: ssh } }
    rto: 2h
    rpo: 24h
  backend:
    title: { en: Backend, ko: 백엔드 }
    on: macmini
    port: 8000
    probe: { http: { path: /health, timeout: 2s } }
    rto: 1h
    rpo: 1h
    slow: 800ms
    depends_on: [postgresql, redis]
  ollama:
    title: Ollama
    on: desktop
    port: 11434
    probe: { tcp: {} }
    rto: 2h
critical_path: [postgresql, backend, ollama]
backup_sets:
  postgres:
    title: PostgreSQL
    on: macmini
    dir: $BACKUP_DIR
    name: "postgres_{stamp}.sql.gz"
    every: 1h
    keep: 7d
    must_be_mounted: true
    services: [postgresql]
    made_by: backup-postgres
secrets:
  PGPASSWORD: { env: SPARKDR_PGPASSWORD }
  MINIO_USER: { file: secrets/minio-user }
  MINIO_PASSWORD: { file: secrets/minio-password }
"""

SCENARIOS = """\
scenarios:
  database:
    number: 4
    title: { en: PostgreSQL is damaged, ko: PostgreSQL 데이터베이스 손상 }
    level: 1
    priority: { en: First of all, ko: 최우선 }
    rto: 30m
    impact:
      - { en: User data may be lost, ko: 사용자 데이터 손실 위험 }
    affects: [postgresql, backend]
    signs:
      - { service: postgresql, is: [damaged, refused] }
    runbooks: [database]
    contacts: [dba]
    source: 시나리오 4
  desktop:
    title: The desktop is down
    level: 2
    priority: high
    rto: 2h
    impact: [No language model]
    affects: [ollama]
    signs:
      - { node: desktop, is: unreachable }
    runbooks: [desktop-gpu]
"""

CONTACTS = """\
team:
  lead: { role: { en: Lead, ko: 총괄 }, name: Kim, phone: 02-000-0000, email: kim@example.org, scope: all decisions }
  dba: { role: DBA, scope: PostgreSQL }
external:
  apple: { role: Apple, phone: 1588-6880, scope: hardware }
escalation:
  - { id: owner, title: Owner acts, levels: [1, 2], who: [$owner], escalate_after: 30m }
  - { id: lead, title: Tell the lead, levels: [3, 4], who: [lead], escalate_after: 15m }
  - { id: outside, title: Ask for help, who: [apple] }
"""

DRILLS = """\
drills:
  backup-test:
    title: Monthly backup test
    when: { monthly: first monday }
    runbook: backup-postgres
  q3:
    title: Q3
    when: { quarter: 3 }
    scenario: database
    runbook: database
    before: [Tell everybody a week before]
    after: [Write down what went wrong]
"""

DATABASE = """\
id: database
title: { en: PostgreSQL recovery, ko: 데이터베이스 복구 }
restores: [postgresql]
inputs:
  PG_BACKUP: { pick: postgres }
  RESTORE_JOBS: { default: "2" }
steps:
  - id: stop-clients
    title: { en: Stop what writes to the database, ko: 데이터베이스에 쓰는 서비스 중지 }
    why: The restore must not race with writes
    on: macmini
    danger: disrupts
    shell: |
      echo "stopping $PROJECT_DIR"
    expect: 5s
    timeout: 1m
    verify: { service: backend, is: refused }
    undo: { posix: "echo started" }
    source: 데이터베이스 복구 1
    note: { en: "E1: clients, not the server", ko: "E1: 서버가 아니라 클라이언트" }
  - id: restore
    title: Restore beside
    on: macmini
    danger: destroys
    confirm: { type: $PG_DATABASE, show: "psql -l" }
    env: { SCRATCH: scratch }
    shell: gunzip -c "$PG_BACKUP" | psql -X -v ON_ERROR_STOP=1
    expect: 10m
    timeout: 30m
    hint:
      - { on: "No space left", say: Make room }
      - Look at the log
  - id: count
    title: Count the users
    sql: { service: postgresql, query: select count(*) from users, equals: "200" }
    expect: 1s
    timeout: 30s
  - id: clean-cache
    title: Clean the cache
    needs: [restore]
    optional: true
    redis: { service: redis, command: [FLUSHDB] }
    expect: 1s
    timeout: 30s
  - id: health
    title: Wait for the database
    needs: [count, clean-cache]
    wait: { service: postgresql, is: [up, slow] }
    expect: 5s
    timeout: 2m
"""

BACKUP = """\
id: backup-postgres
title: Back up PostgreSQL
steps:
  - id: dump
    title: Dump
    on: macmini
    shell: pg_dump "$PG_DATABASE" | gzip > "$BACKUP_DIR/postgres_$RUN_STAMP.sql.gz"
    expect: 1m
    timeout: 10m
"""

DESKTOP = """\
id: desktop-gpu
title: Desktop GPU
restores: [ollama]
steps:
  - id: power
    title: Press the power button
    manual: { say: Press it, checklist: [The light is on, The fan turns], hands: desktop-on }
    expect: 2m
    timeout: 10m
  - id: pull
    title: Pull the model
    on: desktop
    shell: { posix: ollama pull llama2, powershell: ollama pull llama2 }
    expect: 20m
    timeout: 2h
  - id: buckets
    title: Buckets
    needs: []
    on: macmini
    s3: { service: minio, make_buckets: [assets], mirror: [{ bucket: assets, folder: $BACKUP_DIR/minio }] }
    expect: 1m
    timeout: 10m
  - id: data
    title: The database
    needs: [buckets]
    include: database
  - id: ask
    title: Ask the backend
    needs: [pull, data]
    http: { service: backend, path: /api/v1/router/health }
    expect: 1s
    timeout: 1m
"""

FILES = {
    "plan.yaml": PLAN,
    "scenarios.yaml": SCENARIOS,
    "contacts.yaml": CONTACTS,
    "drills.yaml": DRILLS,
    "database.yaml": DATABASE,
    "backup-postgres.yaml": BACKUP,
    "desktop-gpu.yaml": DESKTOP,
}


def sample_plan_folder(parent: Path) -> Path:
    """Write the sample plan to `parent/plan`; its state folder is `parent/state`."""
    folder = parent / "plan"
    folder.mkdir(parents=True)
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def sample_plan(parent: Path) -> Plan:
    """The sample plan, loaded from `parent/plan`."""
    return load(sample_plan_folder(parent))


def change(folder: Path, file: str, old: str, new: str) -> None:
    """Replace the first `old` of a file of the plan by `new`."""
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text, f"{file} has no {old!r}"
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")


def complaints(folder: Path) -> list[str]:
    """What loading the plan says is wrong with it, line by line."""
    try:
        load(folder)
    except PlanErrors as wrong:
        return str(wrong).splitlines()
    return []


def place(folder: Path, file: str, text: str) -> str:
    """`file:line` of the first line that has `text` in it."""
    lines = (folder / file).read_text(encoding="utf-8").splitlines()
    return f"{file}:{next(number for number, line in enumerate(lines, 1) if text in line)}"
