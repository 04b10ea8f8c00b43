"""Stand-in commands in the lab: what they change is really changed, what they say is really so."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import asyncssh
import pytest

from tests.lab.world import World, until

HOMEBREW = "export PATH=$HOME/homebrew/opt/postgresql@15/bin:$HOME/homebrew/bin:$PATH\n"
INSTALL_HOMEBREW = '/bin/bash -c "$(curl -fsSL "file://$SPARKDR_LAB_DIR/git/homebrew-install.sh")"'
Run = Callable[..., Awaitable[asyncssh.SSHCompletedProcess]]


@pytest.fixture
def run(lab: World) -> Run:
    """Run a script on a node, with Homebrew on its PATH."""

    async def on(node: str, script: str, *, check: bool = True) -> asyncssh.SSHCompletedProcess:
        async with lab.ssh(node) as shell:
            found: asyncssh.SSHCompletedProcess = await shell.run(f"{HOMEBREW}{script}", check=check)
            return found

    return on


def text(said: asyncssh.SSHCompletedProcess) -> str:
    assert isinstance(said.stdout, str)
    return said.stdout


def health(lab: World, path: str = "/health") -> tuple[int, dict[str, Any]]:
    status, body = lab.get("backend", path)
    return status, json.loads(body)


def until_the_backend_says(lab: World, status: int) -> None:
    until(lambda: health(lab)[0] == status)


# -- the backend and what it depends on --------------------------------------------------------------


async def test_brew_really_stops_and_starts_redis_and_the_backend_feels_it(lab: World, run: Run) -> None:
    said = text(await run("macmini", "brew services stop redis"))
    assert said.endswith("==> Successfully stopped `redis` (label: homebrew.mxcl.redis)\n")
    status, body = await asyncio.to_thread(health, lab)
    assert (status, body["failed"]) == (503, ["redis"])
    again = await run("macmini", "brew services stop redis")
    assert (again.exit_status, again.stderr) == (0, "Warning: Service `redis` is not started.\n")
    said = text(await run("macmini", "brew services start redis && brew services start redis"))
    assert said.endswith("Service `redis` already started, use `brew services restart redis` to restart.\n")
    until_the_backend_says(lab, 200)


async def test_the_document_s_name_of_the_postgresql_service_does_not_exist(run: Run) -> None:
    said = await run("macmini", "brew services stop postgresql", check=False)
    assert (said.exit_status, said.stderr) == (1, "Error: Formula `postgresql` is not installed.\n")


async def test_the_backend_holds_one_session_and_opens_another_when_it_is_ended(lab: World) -> None:
    until_the_backend_says(lab, 200)
    with lab.database() as database:
        sessions = "SELECT pid FROM pg_stat_activity WHERE application_name = 'uvicorn'"
        held = database.execute(sessions).fetchall()
        assert len(held) == 1
        database.execute("SELECT pg_terminate_backend(%s)", held[0])
        assert (await asyncio.to_thread(health, lab))[0] == 200
        (replaced,) = database.execute(sessions).fetchall()
        assert replaced != held[0]


async def test_the_backend_is_unhealthy_without_its_tables_and_recovers_by_itself(lab: World) -> None:
    with lab.database() as database:
        database.execute("ALTER TABLE users RENAME TO users_away")
        try:
            status, body = await asyncio.to_thread(health, lab)
        finally:
            database.execute("ALTER TABLE users_away RENAME TO users")
    assert (status, body["failed"]) == (503, ["postgresql"])
    assert body["checks"]["postgresql"]["error"] == 'ERROR: relation "users" does not exist'
    assert (await asyncio.to_thread(health, lab))[0] == 200


async def test_each_health_path_asks_its_own_dependency(lab: World) -> None:
    _, assets = await asyncio.to_thread(health, lab, "/api/v1/assets/health")
    assert set(assets["checks"]["s3"]["buckets"]) == {"sparklio-assets", "sparklio-brand-assets", "sparklio-workflows"}
    _, router = await asyncio.to_thread(health, lab, "/api/v1/router/health")
    assert set(router["checks"]["ollama"]["models"]) == {"llama2:13b", "codellama:7b", "mistral:7b"}
    lab.break_("ollama-down")
    status, router = await asyncio.to_thread(health, lab, "/api/v1/router/health")
    assert (status, router["failed"]) == (503, ["ollama"])


# -- looking -----------------------------------------------------------------------------------------


async def test_lsof_finds_the_process_that_listens_by_either_port(run: Run) -> None:
    by_file = text(await run("macmini", "cat ~/sparklio_ai_marketing_studio/backend/uvicorn.pid")).strip()
    by_port = text(await run("macmini", "lsof -nP -iTCP:8000 -sTCP:LISTEN -t")).strip()
    assert by_file == by_port
    line = text(await run("macmini", "lsof -i :8000")).splitlines()[1]
    assert line.split()[1] == by_file
    assert line.endswith("TCP localhost:8000 (LISTEN)")
    nobody = await run("macmini", "lsof -i :3000", check=False)
    assert (nobody.exit_status, nobody.stdout) == (1, "")


async def test_mount_shows_the_backup_drive(lab: World, run: Run) -> None:
    drive = lab.folder / "volumes" / "macmini" / "Backup"
    assert f"/dev/disk4s1 on {drive} (apfs, local, journaled)" in text(await run("macmini", "mount")).splitlines()
    assert str(drive) not in text(await run("laptop", "mount"))


async def test_ping_knows_which_node_has_power(lab: World, run: Run) -> None:
    assert "1 packets received, 0.0% packet loss" in text(await run("macmini", "ping -c 1 desktop"))
    lab.break_("desktop-off")
    said = await run("macmini", "ping -c 2 desktop", check=False)
    assert said.exit_status == 2
    assert "2 packets transmitted, 0 packets received, 100.0% packet loss" in text(said)
    assert text(await run("macmini", "tailscale status")).splitlines()[1].endswith("offline")


async def test_each_node_looks_at_its_network_in_its_own_way(lab: World, run: Run) -> None:
    for node in ("macmini", "laptop"):
        assert f"inet {lab.card['nodes'][node]['address']} " in text(await run(node, "ifconfig"))
    assert "Windows IP Configuration" in text(await run("desktop", "ipconfig"))
    assert " 0.0.0.0:0 " in text(await run("desktop", "netstat -an"))
    assert "*.*" in text(await run("macmini", "netstat -an"))


# -- settings, schedules, other users' rights --------------------------------------------------------


async def test_sudo_and_caffeinate_run_the_rest_as_it_is(run: Run) -> None:
    said = text(await run("macmini", "sudo -n NAME=value caffeinate -i bash -c 'echo $NAME; exit 0'; sudo -v; id -un"))
    assert said.splitlines() == ["value", "woosun"]
    assert (await run("macmini", "caffeinate -i bash -c 'exit 3'", check=False)).exit_status == 3
    firewall = "sudo /usr/libexec/ApplicationFirewall/socketfilterfw --getglobalstate"
    assert text(await run("macmini", firewall)) == "Firewall is enabled. (State = 1)\n"


async def test_settings_are_kept_by_the_node(lab: World, run: Run) -> None:
    said = text(await run("macmini", "pmset -g; sudo pmset -a autorestart 1; pmset -g"))
    values = [line.split()[1] for line in said.splitlines() if "autorestart" in line]
    assert values == ["0", "1"]
    (lab.home("macmini") / ".mac-settings.json").unlink()


async def test_a_crontab_is_the_nodes_own(lab: World, run: Run) -> None:
    empty = await run("macmini", "crontab -l", check=False)
    assert empty.exit_status == 1
    said = await run("macmini", "echo '0 2 * * * scripts/backup_daily.sh' | crontab -; crontab -l; crontab -r")
    assert text(said) == "0 2 * * * scripts/backup_daily.sh\n"


async def test_launchctl_knows_homebrews_agents(run: Run) -> None:
    assert "\thomebrew.mxcl.redis\n" in text(await run("macmini", "launchctl list"))
    assert "state = running" in text(await run("macmini", "launchctl print gui/501/homebrew.mxcl.redis"))
    missing = await run("macmini", "launchctl list com.sparklio.nothing", check=False)
    assert missing.exit_status == 113


async def test_power_is_not_for_scripts_to_take(run: Run) -> None:
    for command in ("shutdown -h now", "sudo reboot", "halt"):
        assert (await run("macmini", command, check=False)).exit_status == 1


# -- the other nodes ---------------------------------------------------------------------------------


async def test_a_model_that_was_removed_comes_back_by_pulling_it(lab: World, run: Run) -> None:
    said = text(await run("desktop", "ollama rm mistral:7b; ollama list"))
    assert "deleted 'mistral:7b'" in said
    assert len(said.splitlines()) == 4
    assert text(await run("desktop", "ollama pull mistral:7b")).endswith("success\n")
    models = json.loads((await asyncio.to_thread(lab.get, "ollama", "/api/tags"))[1])["models"]
    assert {model["name"] for model in models} == {"llama2:13b", "codellama:7b", "mistral:7b"}


async def test_the_tray_application_starts_and_stops_the_server(lab: World, run: Run) -> None:
    assert text(await run("desktop", "ollama-app stop")) == "Ollama: stopped\n"
    until(lambda: lab.knock(lab.address("ollama")) == "refused")
    assert text(await run("desktop", "ollama-app restart")) == "Ollama: started\n"
    until(lambda: lab.knock(lab.address("ollama")) == "open")


async def test_pm2_deletes_and_starts_the_frontend(lab: World, run: Run) -> None:
    folder = "cd ~/sparklio_ai_marketing_studio/frontend\n"
    assert json.loads(text(await run("laptop", "pm2 jlist")))[0]["pm2_env"]["status"] == "online"
    twice = await run("laptop", f"{folder}pm2 start npm --name sparklio-frontend -- start", check=False)
    assert (twice.exit_status, "Script already launched" in str(twice.stderr)) == (1, True)
    await run("laptop", "pm2 save; pm2 delete sparklio-frontend")
    until(lambda: lab.knock(lab.address("frontend")) == "refused")
    assert json.loads(text(await run("laptop", "pm2 jlist"))) == []
    assert (await run("laptop", "pm2 describe sparklio-frontend", check=False)).exit_status == 1
    await run("laptop", f"{folder}npm install && npm run build && pm2 start npm --name sparklio-frontend -- start")
    until(lambda: lab.knock(lab.address("frontend")) == "open")
    assert (await asyncio.to_thread(lab.get, "frontend", "/"))[0] == 200


async def test_a_frontend_that_ended_is_started_again_by_the_same_line(lab: World, run: Run) -> None:
    lab.break_("frontend-down")
    until(lambda: lab.knock(lab.address("frontend")) == "refused")
    line = "cd ~/sparklio_ai_marketing_studio/frontend && pm2 start npm --name sparklio-frontend -- start"
    assert "online" in text(await run("laptop", line))
    until(lambda: lab.knock(lab.address("frontend")) == "open")


# -- a new Mac ---------------------------------------------------------------------------------------


async def test_a_new_mac_gets_everything_as_the_document_says(lab: World, run: Run) -> None:
    lab.break_("macmini-blank")
    assert (await run("macmini", "command -v brew python3.11 psql redis-cli minio", check=False)).stdout == ""
    await run("macmini", INSTALL_HOMEBREW)
    unknown = await run("macmini", "brew install postgresql@99", check=False)
    assert (unknown.exit_status, str(unknown.stderr).splitlines()[-1]) == (
        1,
        "Error: No formulae or casks found for postgresql@99.",
    )
    await run("macmini", "brew install python@3.11 postgresql@15 redis git minio && brew services start postgresql@15")
    assert text(await run("macmini", "brew list")).split() == ["git", "minio", "postgresql@15", "python@3.11", "redis"]
    again = await run("macmini", "brew install redis")
    assert "is already installed and up-to-date" in str(again.stderr)
    environment = (
        "cd project/backend && python3.11 -m venv venv && . venv/bin/activate && pip install -r requirements.txt"
    )
    repository = "file://$SPARKDR_LAB_DIR/git/sparklio_ai_marketing_studio.git"
    await run("macmini", f'git clone -q "{repository}" project && {environment}')
    assert (lab.home("macmini") / "project/backend/venv/bin/uvicorn").is_file()
