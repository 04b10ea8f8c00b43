"""What scripts use, read without running them: commands, variables, and what reading cannot tell."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkdr_tui.plan.graph import graph
from sparkdr_tui.plan.load import builtin, load
from sparkdr_tui.readiness import bash_words, powershell_words
from sparkdr_tui.readiness.uses import scripts


@pytest.mark.parametrize(
    ("script", "commands"),
    [
        ("psql -c 'select 1' | head -1 && gzip x; ls || wc &", {"psql", "head", "gzip", "ls", "wc"}),
        ("# curl x\necho done # wget y", set()),
        ("if grep -q x y; then\n  sed s/a/b/\nelif awk 1; then :\nelse tr a b\nfi", {"grep", "sed", "awk", "tr"}),
        ("while ! nc -z h 1; do sleep 1; done", {"nc", "sleep"}),
        ("until curl -s x >/dev/null; do sleep 0.5; done <file", {"curl", "sleep"}),
        ("for each in a b; do rm \"$each\"; done", {"rm"}),
        ("for pid in $(lsof -t -i :80); do kill $pid; done", {"lsof"}),
        ('free=$(df -Pk "$HOME" | awk "NR == 2 { print $4 }")', {"df", "awk"}),
        ("x=`date +%s`", {"date"}),
        ('echo "now: $(date) in $(cd x && basename "$PWD")"', {"date", "basename"}),
        ("A=1 B=$(id -u) env C=2 python3 x.py", {"id", "env", "python3"}),
        ("cat <<EOF\ncurl $(hostname)\nrm x\nEOF\nls", {"cat", "hostname", "ls"}),
        ("psql <<'SQL'\nSELECT $(nothing); DROP x;\nSQL\nls", {"psql", "ls"}),
        ("cat <<-END | tee x\n\tmv a b\n\tEND\nls", {"cat", "tee", "ls"}),
        ("case $x in\n  a | b) cp x y ;;\n  (c) mv x y ;;\n  *) exit 1 ;;\nesac\nls", {"cp", "mv", "ls"}),
        ("case $x in a) tar x;; esac", {"tar"}),
        ("f() { rsync a b; }\nfunction g { scp a b; }\nf\ng", {"rsync", "scp"}),
        ("( cd x && make ) && { ninja; }", {"make", "ninja"}),
        ("[ -f x ] && [[ $a == b && -n c ]] && ls", {"ls"}),
        ("(( i++ )); j=$(( i * (2 + 1) )); ls", {"ls"}),
        ("list=(a b $(ls))\nwc", {"ls", "wc"}),
        ("2>/dev/null >out ls 2>&1 | sort 1>&2", {"ls", "sort"}),
        ("exec redis-server conf", {"redis-server"}),
        ("nohup uvicorn app:app >log 2>&1 </dev/null &", {"nohup", "uvicorn"}),
        ("sudo -n -u root pmset -g", {"sudo", "pmset"}),
        ("find . -name x -exec shasum {} +", {"find", "shasum"}),
        ("ls | xargs -n 1 -I{} cp {} y", {"ls", "xargs", "cp"}),
        ("bash -c 'ffmpeg x'", {"bash", "ffmpeg"}),
        ("trap 'rm -f \"$tmp\"' EXIT", {"rm"}),
        ("perl -e 'alarm shift; exec @ARGV' 60 redis-cli PING", {"perl", "redis-cli"}),
        ("limited() { perl -e 'alarm shift; exec @ARGV' \"$@\"; }\nlimited 60 pg_dump x", {"perl", "pg_dump"}),
        ("try() { \"$@\" || exit 1; }\ntry git pull", {"git"}),
        ("cli() { redis-cli -p 1 \"$@\"; }\ncli PING", {"redis-cli"}),
        ("/usr/bin/caffeinate -i -w 5 sh x.sh", {"/usr/bin/caffeinate"}),
        ("l\\\ns -l; 'my'\"tool\" x", {"ls", "mytool"}),
        ("time git gc; ! diff a b", {"git", "diff"}),
        ("diff <(sort a) <(uniq b)", {"diff", "sort", "uniq"}),
    ],
)  # fmt: skip
def test_commands_are_the_words_in_the_place_of_a_command(script: str, commands: set[str]) -> None:
    assert bash_words.words(script).commands == commands


def test_a_command_that_the_script_looks_for_is_one_that_it_can_do_without() -> None:
    found = bash_words.words("if command -v brew >/dev/null; then brew --prefix; fi\n[ -x /opt/x ] && /opt/x")
    assert found.commands == {"brew", "/opt/x"}
    assert found.tested == {"brew", "/opt/x"}


@pytest.mark.parametrize(
    ("script", "unsure"),
    [
        ('"$tool" --version', ('"$tool"',)),
        ("venv/bin/python x", ("venv/bin/python",)),
        ("eval \"$line\"", ('eval "$line"',)),
        ("$(which git) pull", ("$(which git)",)),
        ("ls", ()),
    ],
)  # fmt: skip
def test_what_only_running_it_would_tell_is_said(script: str, unsure: tuple[str, ...]) -> None:
    assert bash_words.words(script).unsure == unsure


def test_what_a_script_reads_into_itself_is_named() -> None:
    assert bash_words.words('. venv/bin/activate\nsource "$HOME/.profile"').sources == {
        "venv/bin/activate",
        '"$HOME/.profile"',
    }


@pytest.mark.parametrize(
    ("script", "required"),
    [
        ('echo "$A" ${B} \'$C\' \\$D', {"A", "B"}),
        ("A=1; echo $A; read -r B; echo $B; export C; echo $C", set()),
        ("for A in x; do echo $A; done", set()),
        ("echo ${A:-x} ${B-} ${C:+y} ${D:=z}; echo $D", set()),
        ("echo ${A:?missing} ${#B} ${C##*/} ${D%/}", {"A", "B", "C", "D"}),
        ("if [ -n \"${A:-}\" ]; then echo $A; fi", set()),
        ("echo $1 $@ $# $? $$ $! ${1:-x}", set()),
        ("cat <<EOF\n$A\nEOF\ncat <<'EOF'\n$B\nEOF", {"A"}),
        ("echo $(( A_NUMBER + $B ))", {"B"}),
        ("f() { local A=$1; echo $A $B; }", {"B"}),
        ("awk -v x=\"$A\" '{ print $B }'", {"A"}),
    ],
)  # fmt: skip
def test_variables_are_required_when_they_are_neither_set_nor_have_a_default(script: str, required: set[str]) -> None:
    assert bash_words.words(script).required == required


@given(st.text(st.sampled_from("ab $\"'`(){}[]|&;<>\\\n#=EOF!*?:-/0"), max_size=60))
def test_no_text_makes_the_reader_hang_or_fall_over(script: str) -> None:
    bash_words.words(script)
    powershell_words.words(script)


KNOWN = re.compile(r"[a-z][a-z0-9_.+-]*|/[A-Za-z0-9_./-]+")


def test_the_scripts_of_the_built_in_plan_can_be_read() -> None:
    plan = load(builtin())
    found: set[str] = set()
    for book in plan.runbooks:
        for planned in graph(plan, book):
            for _role, shell in scripts(planned):
                found |= bash_words.words(shell.posix or "").commands
    assert all(KNOWN.fullmatch(name) for name in found)
    assert {"psql", "pg_dump", "redis-cli", "brew", "git", "pip", "uvicorn", "curl", "pm2", "ollama"} <= found


# -- PowerShell ----------------------------------------------------------------------------------------


def test_programs_of_a_powershell_script_are_told_from_cmdlets_and_its_own_functions() -> None:
    found = powershell_words.words(
        """
        # nothing of a comment
        function Test-It { ollama list }
        if (-not (Get-Command winget -ErrorAction SilentlyContinue)) { throw 'winget is missing' }
        git clone $env:REPO | Out-Null
        $out = python -m venv x; Test-It
        & $exe pull; & npm ci
        Invoke-Thing -Arguments @{ CommandLine = $line; Path = 'x' }
        """
    )
    assert found.commands == {"ollama", "git", "python", "npm"}
    assert found.tested == {"winget"}
    assert found.unsure == ("$exe",)


def test_the_environment_of_a_powershell_script_is_what_it_reads_before_it_sets_it() -> None:
    found = powershell_words.words('$env:A = "${env:B} $env:C"; "$env:A"; if ($env:D -eq 1) { }')
    assert found.required == {"B", "C", "D"}
