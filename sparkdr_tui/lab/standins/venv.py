"""Virtual environments without the internet: `python -m venv`, and a `pip` that installs stand-in packages."""

from __future__ import annotations

import os
import re
import shlex
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sparkdr_tui.lab.standins.node import online
from sparkdr_tui.lab.standins.terminal import become, err, out, split_options

_PER_PACKAGE = 0.02
"""Seconds that an installation seems to take."""
_MODULES = {"python-dotenv": "dotenv", "pillow": "PIL", "pyyaml": "yaml", "opencv-python": "cv2"}
"""Distributions whose module is called otherwise."""
_VERSION = f"python{sys.version_info.major}.{sys.version_info.minor}"
_REQUIREMENT = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?\s*(?:[=~><!]=?=?\s*([0-9][^,;\s]*))?")


@dataclass(frozen=True, slots=True)
class Requirement:
    """A line of `requirements.txt`, or a name on the command line; `origin` is how pip mentions where it stood."""

    name: str
    version: str
    origin: str = ""

    @property
    def module(self) -> str:
        """What one imports."""
        return _MODULES.get(self.name.lower(), self.name.lower().replace("-", "_"))


def python(arguments: list[str]) -> int:
    """`python3.11`: `-m venv FOLDER` makes one of ours, everything else is the real interpreter."""
    if arguments[:2] == ["-m", "venv"]:
        options, folders = split_options(arguments[2:])
        if not folders:
            err("usage: venv [-h] [--clear] ENV_DIR\nvenv: error: the following arguments are required: ENV_DIR")
            return 2
        for folder in folders:
            make(Path(folder).absolute(), fresh="--clear" in options)
        return 0
    return become([_interpreter(), *arguments])


def make(folder: Path, fresh: bool = False) -> None:
    """Make a virtual environment with `python`, `activate` and the stand-in `pip`."""
    if fresh and folder.is_dir():
        import shutil

        shutil.rmtree(folder)
    binaries, site = folder / "bin", _site(folder)
    binaries.mkdir(parents=True, exist_ok=True)
    site.mkdir(parents=True, exist_ok=True)
    interpreter = Path(_interpreter())
    (folder / "pyvenv.cfg").write_text(
        f"home = {interpreter.parent}\ninclude-system-site-packages = false\n"
        f"version = {'.'.join(map(str, sys.version_info[:3]))}\nexecutable = {interpreter}\n"
    )
    for name in ("python", "python3", _VERSION):
        (binaries / name).unlink(missing_ok=True)
        (binaries / name).symlink_to(interpreter)
    (binaries / "activate").write_text(_ACTIVATE.replace("@FOLDER@", shlex.quote(str(folder))))
    for name in ("pip", "pip3"):
        _write_script(binaries / name, "pip", "--venv", str(folder))
    _write_module(site, "pip", _EXEC_SCRIPT.replace("@SCRIPT@", "pip"))
    _write_metadata(site, "pip", "24.3.1")


def pip(arguments: list[str]) -> int:
    """`pip`, called with `--venv FOLDER` first by the script in that environment."""
    venv, rest = Path(arguments[1]), arguments[2:]
    options, operands = split_options(rest)
    command = operands[0] if operands else ""
    if options & {"--version", "-V"} and not command:
        out(f"pip 24.3.1 from {_site(venv) / 'pip'} (python 3.11)")
        return 0
    if command in ("list", "freeze", "check"):
        return _inspect(command, venv)
    if command == "show":
        return _show(venv, operands[1:])
    if command != "install":
        err(f'ERROR: unknown command "{command}"')
        return 1
    return _install(venv, rest[rest.index("install") + 1 :])


def install(venv: Path, wanted: Iterable[Requirement]) -> list[Requirement]:
    """Put packages that are not there yet into the environment; returns them."""
    site, fresh = _site(venv), []
    there = _installed(venv)
    for each in wanted:
        if each.name.lower() in there:
            continue
        is_uvicorn = each.name.lower() == "uvicorn"
        _write_module(site, each.module, _EXEC_SCRIPT.replace("@SCRIPT@", "uvicorn") if is_uvicorn else "")
        _write_metadata(site, each.name, each.version)
        if is_uvicorn:
            _write_script(venv / "bin" / "uvicorn", "uvicorn")
        fresh.append(each)
    return fresh


def requirements(path: Path, name: str) -> list[Requirement]:
    """What a requirements file asks for; `name` is how the file was called on the command line."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if match := _REQUIREMENT.match(line.partition("#")[0].strip()):
            found.append(Requirement(match[1], match[2] or "1.0.0", f" (from -r {name} (line {number}))"))
    return found


def _install(venv: Path, arguments: list[str]) -> int:
    wanted: list[Requirement] = []
    words = iter(arguments)
    for word in words:
        if word in ("-r", "--requirement"):
            name = next(words, "")
            try:
                wanted += requirements(Path(name), name)
            except OSError as error:
                err(f"ERROR: Could not open requirements file: [Errno {error.errno}] {error.strerror}: {name!r}")
                return 1
        elif not word.startswith("-") and (match := _REQUIREMENT.match(word)):
            wanted.append(Requirement(match[1], match[2] or "1.0.0"))
    if not wanted:
        err('ERROR: You must give at least one requirement to install (see "pip help install")')
        return 1
    return _collect(venv, wanted, _nothing if {"-q", "--quiet"} & set(arguments) else out)


def _collect(venv: Path, wanted: list[Requirement], say: Callable[[str], None]) -> int:
    there = _installed(venv)
    if any(each.name.lower() not in there for each in wanted) and not online():
        first = next(each for each in wanted if each.name.lower() not in there)
        err(f"ERROR: Could not find a version that satisfies the requirement {first.name} (from versions: none)")
        err(f"ERROR: No matching distribution found for {first.name}")
        return 1
    for each in wanted:
        if each.name.lower() in there:
            say(
                f"Requirement already satisfied: {each.name} in {_site(venv)}{each.origin} ({there[each.name.lower()]})"
            )
        else:
            say(f"Collecting {each.name}=={each.version}{each.origin}")
            say(f"  Downloading {each.name.replace('-', '_')}-{each.version}-py3-none-any.whl")
            time.sleep(_PER_PACKAGE)
    fresh = install(venv, wanted)
    if fresh:
        say(f"Installing collected packages: {', '.join(each.name for each in fresh)}")
        say(f"Successfully installed {' '.join(f'{each.name}-{each.version}' for each in fresh)}")
    return 0


def _nothing(_: str) -> None:
    """What --quiet says."""


def _inspect(command: str, venv: Path) -> int:
    packages = _installed(venv)
    if command == "check":
        out("No broken requirements found.")
    elif command == "freeze":
        out("\n".join(f"{name}=={version}" for name, version in packages.items() if name != "pip"))
    else:
        width = max(len(name) for name in packages)
        out(f"{'Package':<{width}} Version\n{'-' * width} -------")
        out("\n".join(f"{name:<{width}} {version}" for name, version in packages.items()))
    return 0


def _show(venv: Path, names: list[str]) -> int:
    there = _installed(venv)
    for name in names:
        if name.lower() not in there:
            err(f"WARNING: Package(s) not found: {name}")
            return 1
        out(f"Name: {name}\nVersion: {there[name.lower()]}\nLocation: {_site(venv)}")
    return 0


def _installed(venv: Path) -> Mapping[str, str]:
    return dict(sorted(_distributions(_site(venv))))


def _distributions(site: Path) -> Iterator[tuple[str, str]]:
    for folder in site.glob("*.dist-info"):
        lines = (folder / "METADATA").read_text(encoding="utf-8").splitlines()
        fields = dict(line.split(": ", 1) for line in lines if ": " in line)
        yield fields["Name"].lower(), fields["Version"]


def _site(venv: Path) -> Path:
    return venv / "lib" / _VERSION / "site-packages"


def _interpreter() -> str:
    """The interpreter below the lab's own environment: what a virtual environment is made from."""
    return os.path.realpath(getattr(sys, "_base_executable", sys.executable))


def _write_module(site: Path, name: str, main: str) -> None:
    (site / name).mkdir(exist_ok=True)
    (site / name / "__init__.py").write_text("")
    if main:
        (site / name / "__main__.py").write_text(main)


def _write_metadata(site: Path, name: str, version: str) -> None:
    folder = site / f"{name.replace('-', '_')}-{version}.dist-info"
    folder.mkdir(exist_ok=True)
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")


def _write_script(path: Path, *words: str) -> None:
    command = shlex.join([sys.executable, "-I", "-m", "sparkdr_tui.lab.standins", *words])
    path.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
    path.chmod(0o755)


_EXEC_SCRIPT = """import os
import sys

script = os.path.join(sys.prefix, "bin", "@SCRIPT@")
os.execv(script, [script, *sys.argv[1:]])
"""

_ACTIVATE = """# This file must be used with "source bin/activate" *from bash*
deactivate () {
    if [ -n "${_OLD_VIRTUAL_PATH:-}" ]; then
        PATH="${_OLD_VIRTUAL_PATH}"
        export PATH
        unset _OLD_VIRTUAL_PATH
    fi
    hash -r 2> /dev/null
    unset VIRTUAL_ENV
    if [ ! "${1:-}" = "nondestructive" ]; then
        unset -f deactivate
    fi
}
deactivate nondestructive
VIRTUAL_ENV=@FOLDER@
export VIRTUAL_ENV
_OLD_VIRTUAL_PATH="$PATH"
PATH="$VIRTUAL_ENV/bin:$PATH"
export PATH
hash -r 2> /dev/null
"""
