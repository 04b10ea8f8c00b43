"""What stand-in commands print is what the originals print: fixtures of facts and output."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest

from sparkdr_tui.lab.standins import (
    COMMANDS,
    HANDLERS,
    PACKAGE_COMMANDS,
    brew_services,
    fallbacks,
    launchctl,
    macos,
    network,
    ollama,
    pm2_tables,
    sockets,
    venv,
)
from sparkdr_tui.lab.standins.dependencies import signed

UNITS: dict[str, dict[str, Any]] = {
    "postgresql@15": {"status": "started", "pid": 812, "exit": None},
    "redis": {"status": "error", "pid": None, "exit": 1},
    "minio": {"status": "stopped", "pid": None, "exit": 0},
}
MACMINI: dict[str, Any] = {
    "node": "macmini",
    "os": "macos",
    "address": "127.123.51.5",
    "network": True,
    "nodes": {"macmini": {"address": "127.123.51.5"}, "desktop": {"address": "127.120.180.42"}},
}
LAPTOP = MACMINI | {"node": "laptop", "address": "127.168.0.101"}
LISTENER = {"port": 8000, "inner": 20100, "service": "backend", "pid": 4711, "command": "python"}


def test_every_name_on_a_path_has_a_handler_that_exists() -> None:
    named = {name for folders in COMMANDS.values() for names in folders.values() for name in names}
    named |= {name for names in PACKAGE_COMMANDS.values() for name in names}
    assert named <= set(HANDLERS)
    for where in HANDLERS.values():
        module, _, function = where.partition(":")
        assert callable(getattr(import_module(f"sparkdr_tui.lab.standins.{module}"), function))


def test_brew_lists_services_in_columns_and_calls_a_stopped_one_none() -> None:
    assert brew_services.services_table(UNITS, "woosun", "/Users/woosun").splitlines() == [
        "Name          Status   User   File",
        "minio         none",
        "postgresql@15 started  woosun ~/Library/LaunchAgents/homebrew.mxcl.postgresql@15.plist",
        "redis         error  1 woosun ~/Library/LaunchAgents/homebrew.mxcl.redis.plist",
    ]


def test_brew_lists_services_as_json() -> None:
    entries = {entry["name"]: entry for entry in json.loads(brew_services.services_json(UNITS, "woosun", "/Users/w"))}
    assert entries["postgresql@15"] == {
        "name": "postgresql@15",
        "status": "started",
        "user": "woosun",
        "file": "/Users/w/Library/LaunchAgents/homebrew.mxcl.postgresql@15.plist",
        "exit_code": None,
    }
    assert (entries["redis"]["status"], entries["redis"]["exit_code"]) == ("error", 1)
    assert (entries["minio"]["status"], entries["minio"]["user"]) == ("none", None)


def test_brew_tells_about_one_service() -> None:
    assert brew_services.service_text("redis", {"status": "started", "pid": 9}, "woosun").splitlines() == [
        "redis (homebrew.mxcl.redis)",
        "Running: true",
        "Loaded: true",
        "Schedulable: false",
        "User: woosun",
        "PID: 9",
    ]
    told = brew_services.service_json("redis", UNITS["redis"], "woosun", "/h")
    assert (told["running"], told["loaded"], told["pid"], told["exit_code"]) == (False, True, None, 1)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["-i", ":8000"], sockets.LsofQuery(8000)),
        (["-i:8000"], sockets.LsofQuery(8000)),
        (["-nP", "-iTCP:5432", "-sTCP:LISTEN", "-t"], sockets.LsofQuery(5432, only_pids=True)),
        (["-ti", "tcp:3000"], None),
        (["-i", "udp:53"], sockets.LsofQuery(53, udp=True)),
        (["-i", ":1", "-sTCP:ESTABLISHED"], sockets.LsofQuery(1, listening=False)),
        (["-i"], sockets.LsofQuery()),
        (["/tmp/file"], None),
        (["+D", "/tmp"], None),
    ],
)
def test_lsof_understands_questions_about_ports(words: list[str], expected: sockets.LsofQuery | None) -> None:
    assert sockets.lsof_query(words) == expected


def test_lsof_prints_the_port_that_was_asked_for() -> None:
    head, line = sockets.lsof_table([LISTENER], "woosun", 8000).splitlines()
    assert head.split() == ["COMMAND", "PID", "USER", "FD", "TYPE", "DEVICE", "SIZE/OFF", "NODE", "NAME"]
    words = line.split()
    assert words[:5] == ["python", "4711", "woosun", "7u", "IPv4"]
    assert words[6:] == ["0t0", "TCP", "localhost:8000", "(LISTEN)"]


def test_netstat_speaks_the_dialect_of_its_system() -> None:
    mac = sockets.netstat_macos([LISTENER], "127.123.51.5").splitlines()
    assert mac[2].split() == ["tcp4", "0", "0", "127.123.51.5.8000", "*.*", "LISTEN"]
    windows = sockets.netstat_windows([LISTENER], "127.120.180.42").splitlines()
    assert windows[4].split() == ["TCP", "127.120.180.42:8000", "0.0.0.0:0", "LISTENING"]


def test_ifconfig_shows_the_overlay_address_on_utun_and_the_office_address_on_en0() -> None:
    assert "\tinet 127.123.51.5 --> 127.123.51.5" in network.interface_blocks(MACMINI)["utun4"]
    assert "inet 127." not in network.interface_blocks(MACMINI)["en0"]
    assert "\tinet 127.168.0.101 netmask 0xffffff00" in network.interface_blocks(LAPTOP)["en0"]
    assert "utun4" not in network.interface_blocks(LAPTOP)


@pytest.mark.parametrize("node", [MACMINI, LAPTOP])
def test_ifconfig_of_a_node_that_is_cut_off_has_no_address(node: dict[str, Any]) -> None:
    text = "\n".join(network.interface_blocks(node | {"network": False}).values())
    assert node["address"] not in text
    assert "status: inactive" in text


def test_ping_sums_up_like_macos() -> None:
    assert network.ping_summary("10.0.0.1", 2, [0.5, 0.7]).splitlines()[1:] == [
        "--- 10.0.0.1 ping statistics ---",
        "2 packets transmitted, 2 packets received, 0.0% packet loss",
        "round-trip min/avg/max/stddev = 0.500/0.600/0.700/0.100 ms",
    ]
    assert network.ping_summary("h", 3, []).endswith("3 packets transmitted, 0 packets received, 100.0% packet loss")


def test_tailscale_says_which_peer_is_offline() -> None:
    lines = network.status_table(MACMINI, {"desktop": False}).splitlines()
    assert [line.split()[:2] for line in lines] == [["127.123.51.5", "macmini"], ["127.120.180.42", "desktop"]]
    assert lines[1].endswith("offline")
    peers = json.loads(network.status_json(MACMINI, {"desktop": True}))["Peer"].values()
    assert [(peer["HostName"], peer["Online"]) for peer in peers] == [("desktop", True)]


def test_mount_names_a_plugged_drive_as_macos_does() -> None:
    drive = {"device": "/dev/disk4s1", "path": "/Volumes/Backup", "type": "apfs"}
    assert "/dev/disk4s1 on /Volumes/Backup (apfs, local, journaled)" in macos.mount_table([drive]).splitlines()
    assert "Backup" not in macos.mount_table([])
    assert "   Mount Point:               /Volumes/Backup" in macos.disk_info(drive).splitlines()


def test_pmset_prints_a_setting_per_line() -> None:
    assert " autorestart          1" in macos.power_text({"autorestart": "1"}).splitlines()


def test_launchctl_lists_running_units_and_loaded_agents() -> None:
    lines = launchctl.list_table(UNITS, {"com.sparklio.backup": "/x.plist"}).splitlines()
    assert lines == [
        "PID\tStatus\tLabel",
        "812\t0\thomebrew.mxcl.postgresql@15",
        "-\t1\thomebrew.mxcl.redis",
        "-\t0\tcom.sparklio.backup",
    ]


def test_pm2_shows_a_process_as_a_table_and_as_json() -> None:
    process = {"id": 0, "name": "web", "argv": ["/bin/npm", "start"], "cwd": "/w", "restarts": 2, "started": 1000.0}
    table = pm2_tables.table([process], {"web": {"status": "started", "pid": 7}}, "woosun", 1065.0).splitlines()
    assert [cell.strip() for cell in table[3].strip("│").split("│")][:9] == [
        "0", "web", "default", "N/A", "fork", "7", "1m", "2", "online",
    ]  # fmt: skip
    assert len({len(line) for line in table}) == 1
    (entry,) = json.loads(pm2_tables.as_json([process], {"web": {"status": "error"}}, "/h"))
    assert (entry["pid"], entry["pm2_env"]["status"]) == (0, "errored")


def test_ollama_lists_models_with_their_sizes_and_ages() -> None:
    now = datetime(2026, 1, 1, 12, tzinfo=UTC)
    model = {"name": "llama2:13b", "digest": "d475bf4c50bcaa", "size": 7_365_960_935, "modified_at": now.isoformat()}
    assert ollama.list_table([model], now + timedelta(hours=3)).splitlines() == [
        "NAME          ID              SIZE      MODIFIED",
        "llama2:13b    d475bf4c50bc    7.4 GB    3 hours ago",
    ]
    done = {"status": "pulling abc", "total": 100, "completed": 50}
    assert ollama.progress(done) == "pulling abc...  50% ▕████████        ▏ 50 B/100 B"


def test_pip_reads_requirements_as_people_write_them(tmp_path: Any) -> None:
    path = tmp_path / "requirements.txt"
    path.write_text("fastapi==0.115.6  # the API\nuvicorn[standard]>=0.34\n\n# nothing\npython-dotenv\n-e .\n")
    found = venv.requirements(path, "requirements.txt")
    assert [(each.name, each.version, each.module) for each in found] == [
        ("fastapi", "0.115.6", "fastapi"),
        ("uvicorn", "0.34", "uvicorn"),
        ("python-dotenv", "1.0.0", "dotenv"),
    ]


def test_curl_options_may_be_written_together() -> None:
    options = fallbacks.curl_options(["-fsSLo", "/dev/null", "-m3", "-w", "%{http_code}", "localhost:8000/health"])
    assert (options.url, options.output, options.deadline) == ("http://localhost:8000/health", "/dev/null", 3.0)
    assert options.flags == {"-f", "-s", "-S", "-L"}


def test_requests_to_s3_are_signed_as_the_documentation_of_version_4_says() -> None:
    headers = signed("localhost:9000", "key", "secret", "20260101T000000Z")
    assert headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=key/20260101/us-east-1/s3/aws4_request, ")
    assert len(headers["authorization"].rpartition("Signature=")[2]) == 64
