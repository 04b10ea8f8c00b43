"""Reports and exports on the command line: written whole, never over a run, and what is packed can be verified."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from sparkdr_tui.record import events as e
from tests.engine.command_line import Said, environment, sparkdr
from tests.engine.plans import sample_plan_folder
from tests.engine.storied import kept, opening, story


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    """A plan whose state folder keeps a finished run, an earlier one, and one that is under way."""
    folder = sample_plan_folder(tmp_path)
    kept(tmp_path / "state", days=-7, first=opening(mode="drill"))
    kept(tmp_path / "state")
    kept(tmp_path / "state", story()[:13], days=1)
    return folder


def run(plan: Path, *arguments: str | Path) -> Said:
    return sparkdr("--plan", plan, *arguments)


def test_a_report_is_printed_as_markdown_unless_another_format_is_asked_for(plan: Path) -> None:
    said = run(plan, "report", "inc-0001")
    assert said.status == 0 and said.out.startswith("# INC-0001 · PostgreSQL recovery\n")
    assert run(plan, "report", "INC-0001", "--format", "html").out.startswith("<!doctype html>")


def test_the_newest_run_is_reported_where_none_is_named_and_its_being_under_way_is_said(plan: Path) -> None:
    said = run(plan, "report")
    assert "INC-0002" in said.out and "not over yet" in said.out


def test_a_report_can_be_in_another_language_than_the_program(plan: Path) -> None:
    assert "데이터베이스 복구" in run(plan, "report", "INC-0001", "--lang", "ko").out


def test_the_document_has_the_keys_of_a_run_and_those_of_the_report(plan: Path) -> None:
    shown = run(plan, "runs", "show", "INC-0001", "--json").document
    report = run(plan, "report", "INC-0001", "--format", "json").document
    assert shown.items() <= report.items()
    assert report["recovery"]["backend"]["met"] is False
    assert report["recovery"]["backend"]["elapsed_s"] == 993
    assert report["journal"]["intact"] is True and len(report["journal"]["head"]) == 64
    assert [each["id"] for each in report["earlier"]] == ["DRL-0001"]
    stop = report["steps"][0]
    assert (stop["p50_s"], stop["p90_s"], stop["earlier"], stop["took_s"]) == (32, 48, 1, 32)


def test_the_forecast_of_a_run_under_way_is_in_its_document(plan: Path) -> None:
    found = run(plan, "runs", "show", "--json").document["forecast"]
    assert found["known"] is True and found["p50_s"] <= found["p90_s"]
    assert set(found["services"]) == {"postgresql", "backend"}
    assert run(plan, "runs", "show", "INC-0001", "--json").document["forecast"] is None


def test_links_lead_from_where_the_report_is_to_the_logs(plan: Path, tmp_path: Path) -> None:
    target = tmp_path / "mail out" / "report.html"
    target.parent.mkdir()
    assert run(plan, "report", "INC-0001", "--format", "html", "--output", target).status == 0
    link = "../state/runs/INC-0001/logs/restore.1.log"
    assert f'href="{link}"' in target.read_text(encoding="utf-8")
    assert (target.parent / link).is_file()


def test_a_folder_as_output_takes_the_report_under_the_name_of_the_run(plan: Path, tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    assert run(plan, "report", "INC-0001", "-o", tmp_path / "reports").status == 0
    assert (tmp_path / "reports" / "INC-0001.md").is_file()


@pytest.mark.parametrize("file", ["journal.jsonl", "logs/restore.1.log", "logs/new.html"])
@pytest.mark.parametrize("command", [("report",), ("runs", "export")])
def test_what_a_run_recorded_is_never_written_over(
    command: tuple[str, ...], file: str, plan: Path, tmp_path: Path
) -> None:
    target = tmp_path / "state" / "runs" / "INC-0001" / file
    before = target.read_bytes() if target.exists() else None
    assert run(plan, *command, "INC-0001", "--output", target).status == 2
    assert (target.read_bytes() if target.exists() else None) == before


def test_a_report_that_cannot_be_written_is_said_in_a_line_and_leaves_nothing(plan: Path, tmp_path: Path) -> None:
    said = run(plan, "report", "INC-0001", "--output", tmp_path / "nowhere" / "r.md")
    assert said.status == 2 and len(said.err.splitlines()) == 1
    (tmp_path / "taken.md").mkdir()
    (tmp_path / "taken.md" / "INC-0001.md").mkdir()
    assert run(plan, "report", "INC-0001", "--output", tmp_path / "taken.md").status == 2
    assert [each.name for each in (tmp_path / "taken.md").iterdir()] == ["INC-0001.md"]


def test_the_report_of_a_journal_that_was_changed_says_so_and_ends_with_1(plan: Path, tmp_path: Path) -> None:
    journal = tmp_path / "state" / "runs" / "INC-0001" / "journal.jsonl"
    journal.write_bytes(journal.read_bytes().replace(b"kept until tomorrow", b"dropped it already!"))
    said = run(plan, "report", "INC-0001")
    assert said.status == 1
    assert "not as it was written" in said.out and "not as it was written" in said.err
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join([*lines[:10], b"no json\n", *lines[10:]]))
    said = run(plan, "report", "INC-0001", "--format", "json")
    assert (said.status, said.document["journal"]["broken_at"], said.document["records"]) == (1, 11, 10)


def test_a_run_without_an_opening_has_no_report(plan: Path, tmp_path: Path) -> None:
    (tmp_path / "state" / "runs" / "INC-0009").mkdir()
    said = run(plan, "report", "INC-0009")
    assert said.status == 1 and not said.out and "no readable opening" in said.err


# -- exports -------------------------------------------------------------------------------------------


def unpacked(archive: Path, folder: Path) -> Path:
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(folder)
    else:
        with tarfile.open(archive) as packed_tar:
            packed_tar.extractall(folder, filter="data")
    (top,) = folder.iterdir()
    return top


@pytest.mark.parametrize("name", ["out.tar.gz", "out.tgz", "out.zip"])
def test_an_export_can_be_unpacked_verified_and_reported_again(name: str, plan: Path, tmp_path: Path) -> None:
    assert run(plan, "runs", "export", "INC-0001", "--output", tmp_path / name).status == 0
    top = unpacked(tmp_path / name, tmp_path / "elsewhere")
    assert top.name == "INC-0001"
    verified = sparkdr("--plan", plan, "--state", top, "runs", "verify")
    assert verified.status == 0 and "INC-0001" in verified.out
    assert sparkdr("--plan", plan, "--state", top, "report", "INC-0001").status == 0
    report = (top / "report.html").read_text(encoding="utf-8")
    assert 'href="runs/INC-0001/logs/restore.1.log"' in report
    assert (top / "runs/INC-0001/logs/restore.1.log").read_text(encoding="utf-8") == "restore, attempt 1\n"


def test_the_manifest_of_an_export_lists_every_other_file_with_its_hash(plan: Path, tmp_path: Path) -> None:
    run(plan, "runs", "export", "INC-0001", "--output", tmp_path / "out.zip")
    top = unpacked(tmp_path / "out.zip", tmp_path / "elsewhere")
    lines = (top / "manifest.sha256").read_text(encoding="utf-8").splitlines()
    listed = {name: digest for digest, name in (line.split("  ") for line in lines)}
    there = {str(path.relative_to(top)) for path in top.rglob("*") if path.is_file()}
    assert set(listed) == there - {"manifest.sha256"}
    for name, digest in listed.items():
        assert hashlib.sha256((top / name).read_bytes()).hexdigest() == digest


@pytest.mark.parametrize("kind", [".tar.gz", ".zip"])
def test_the_same_run_is_packed_into_the_same_archive(kind: str, plan: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        run(plan, "runs", "export", "INC-0001", "--output", tmp_path / f"{name}{kind}")
    assert (tmp_path / f"one{kind}").read_bytes() == (tmp_path / f"two{kind}").read_bytes()


def test_a_run_under_way_is_packed_as_far_as_it_is_and_that_is_said(plan: Path, tmp_path: Path) -> None:
    journal = tmp_path / "state" / "runs" / "INC-0002" / "journal.jsonl"
    whole = journal.read_bytes()
    journal.write_bytes(whole + b'{"n":15,"at":"2026')  # somebody is writing
    said = run(plan, "runs", "export", "INC-0002", "--output", tmp_path / "out.tar.gz")
    assert said.status == 0 and "not over yet" in said.out
    top = unpacked(tmp_path / "out.tar.gz", tmp_path / "elsewhere")
    assert (top / "runs/INC-0002/journal.jsonl").read_bytes() == whole
    assert sparkdr("--plan", plan, "--state", top, "runs", "verify").status == 0


def test_a_changed_journal_is_packed_as_it_is_and_the_status_says_so(plan: Path, tmp_path: Path) -> None:
    journal = tmp_path / "state" / "runs" / "INC-0001" / "journal.jsonl"
    journal.write_bytes(journal.read_bytes().replace(b"kept until tomorrow", b"dropped it already!"))
    assert run(plan, "runs", "export", "INC-0001", "--output", tmp_path / "out.zip").status == 1
    top = unpacked(tmp_path / "out.zip", tmp_path / "elsewhere")
    assert (top / "runs/INC-0001/journal.jsonl").read_bytes() == journal.read_bytes()


def test_a_secret_that_somebody_wrote_down_is_not_packed(plan: Path, tmp_path: Path) -> None:
    secret = "correct-horse-battery"
    (plan / "secrets").mkdir(exist_ok=True)
    (plan / "secrets" / "minio-password").write_text(secret, encoding="utf-8")
    kept(tmp_path / "state", [(1.0, "mina", e.NoteAdded(text=f"the token is {secret}"))], days=2)
    said = run(plan, "runs", "export", "INC-0003", "--output", tmp_path / "out.zip")
    assert said.status == 1 and "holds a secret" in said.err and secret not in said.err
    assert not (tmp_path / "out.zip").exists()
    assert run(plan, "runs", "export", "INC-0001", "--output", tmp_path / "out.zip").status == 0


def test_an_archive_of_a_kind_that_nobody_knows_is_refused(plan: Path, tmp_path: Path) -> None:
    assert run(plan, "runs", "export", "INC-0001", "--output", tmp_path / "out.rar").status == 2
    assert not (tmp_path / "out.rar").exists()


def test_reports_and_exports_never_import_what_acts(plan: Path, tmp_path: Path) -> None:
    program = (
        "import sys, sparkdr_tui.cli as cli\n"
        f"cli.run(['--plan', {str(plan)!r}, 'report', 'INC-0001', '--output', {str(tmp_path / 'r.md')!r}])\n"
        f"cli.run(['--plan', {str(plan)!r}, 'runs', 'export', 'INC-0001', '--output', {str(tmp_path / 'r.zip')!r}])\n"
        "import json; print(json.dumps([name for name in sys.modules if 'recover' in name.split('.')]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environment(), timeout=60, check=True
    )
    assert json.loads(done.stdout.splitlines()[-1]) == []
    assert (tmp_path / "r.md").is_file() and (tmp_path / "r.zip").is_file()
