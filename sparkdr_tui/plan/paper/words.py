"""The document's own words in both languages, and what every chapter needs to speak: the plan and the language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sparkdr_tui.plan.includes import places_of
from sparkdr_tui.plan.model import Duration, Language, Text, format_duration
from sparkdr_tui.plan.paper import markdown as md
from sparkdr_tui.plan.runbook import Danger, Plan

_WORDS: dict[str, tuple[str, str]] = {
    # the book
    "title": ("{} – disaster recovery plan", "{} 재해 복구 계획"),
    "printed": ("Printed on {}", "출력일 {}"),
    "version": ("plan version {}", "계획 버전 {}"),
    "digest": ("digest {}", "지문 {}"),
    "generated": (
        "Generated from the plan's data. Change the plan and print it again; nothing is kept on this paper alone.",
        "계획 데이터에서 자동으로 만든 문서입니다. 내용을 바꾸려면 계획을 고치고 다시 출력하십시오.",
    ),
    "contents": ("Contents", "목차"),
    "overview": ("Overview", "개요"),
    "first": ("What to do first", "가장 먼저 할 일"),
    "nodes": ("Nodes", "노드"),
    "levels": ("Levels", "재해 등급"),
    "objectives": ("Services and objectives", "서비스와 복구 목표"),
    "critical path": ("Critical path", "중요 경로 (Critical Path)"),
    "scenarios": ("Scenarios", "재해 시나리오"),
    "runbooks": ("Runbooks", "복구 절차"),
    "backups": ("Backup sets", "백업 세트"),
    "contacts": ("Contacts", "비상 연락망"),
    "team": ("Team", "재해 대응 팀"),
    "external": ("Outside support", "외부 지원"),
    "notified": ("Notified by the program", "자동 알림"),
    "when opened": ("a run was opened", "대응 시작"),
    "when waiting": ("a step waits for a person", "담당자 확인 대기"),
    "when escalated": ("the matter moved up", "에스컬레이션"),
    "when at-risk": ("an RTO is at risk", "RTO 초과 위험"),
    "when missed": ("an RTO was missed", "RTO 초과"),
    "when closed": ("a run is over", "대응 종료"),
    "drills too": ("drills too", "훈련 포함"),
    "escalation": ("Escalation", "에스컬레이션 절차"),
    "drills": ("Drills", "정기 훈련"),
    "environment": ("Environment of the scripts", "스크립트 환경 변수"),
    # overview
    "node": ("Node", "노드"),
    "role": ("Role", "역할"),
    "criticality": ("Criticality", "중요도"),
    "critical": ("critical", "매우 중요"),
    "high": ("high", "높음"),
    "medium": ("medium", "중간"),
    "low": ("low", "낮음"),
    "address": ("Address", "주소"),
    "system": ("System", "운영 체제"),
    "login": ("Login", "접속"),
    "here": ("on the node itself", "노드에서 직접"),
    "service": ("Service", "서비스"),
    "port": ("Port", "포트"),
    "depends": ("Depends on", "의존 서비스"),
    "note": ("Note", "참고"),
    "restored in": (
        "Services are brought back in this order:",
        "서비스는 다음 순서로 복구합니다.",
    ),
    "level 1": ("Level 1: a single service", "Level 1: 단일 서비스 장애"),
    "level 2": ("Level 2: a single node", "Level 2: 단일 노드 장애"),
    "level 3": ("Level 3: several nodes", "Level 3: 다중 노드 장애"),
    "level 4": ("Level 4: the whole site", "Level 4: 데이터 센터 재해"),
    "first 1": ("Find the scenario below whose signs fit.", "아래에서 징후가 맞는 시나리오를 찾으십시오."),
    "first 2": (
        "Call whom it names, and note the time: the objectives run from the start of the incident.",
        "시나리오에 적힌 담당자에게 연락하고 시각을 기록하십시오. 복구 목표는 재해가 시작된 시각부터 셉니다.",
    ),
    "first 3": (
        "Follow its first runbook step by step; write down what was done and when.",
        "시나리오의 첫 번째 복구 절차를 순서대로 진행하고 수행한 일과 시각을 기록하십시오.",
    ),
    "first 4": (
        "With several scenarios at once, keep to the critical path.",
        "여러 시나리오가 겹치면 중요 경로 순서를 지키십시오.",
    ),
    # scenarios
    "scenario": ("Scenario", "시나리오"),
    "number": ("No.", "번호"),
    "level": ("Level", "등급"),
    "priority": ("Priority", "복구 우선순위"),
    "impact": ("Impact", "영향"),
    "affects": ("Affected services", "영향받는 서비스"),
    "signs": ("Signs (any one of them)", "징후 (하나라도 해당)"),
    "answers": ("Runbooks, the first one first", "복구 절차 (첫 번째를 먼저)"),
    "call": ("Call first", "먼저 연락할 사람"),
    "source": ("Source", "출처"),
    "sign service": ("{} is {}", "{}: {}"),
    "sign nodes": ("at least {} nodes answer nothing", "노드 {}개 이상이 응답 없음"),
    "sign services": ("at least {} services are broken", "서비스 {}개 이상 장애"),
    "sign services on": ("at least {} services on {} are broken", "{1}의 서비스 {0}개 이상 장애"),
    "and": (" and ", ", "),
    "or": (" or ", " 또는 "),
    "up": ("up", "정상"),
    "slow": ("slow", "느림"),
    "refused": ("refused", "연결 거부"),
    "unreachable": ("unreachable", "응답 없음"),
    "damaged": ("damaged", "손상"),
    "unknown": ("unknown", "알 수 없음"),
    # runbooks
    "restores": ("Brings back", "복구하는 서비스"),
    "used by": ("Used by", "사용하는 곳"),
    "expected": ("Expected time", "예상 시간"),
    "expected text": ("{} along its longest way", "가장 긴 경로 기준 {}"),
    "inputs": ("To be chosen beforehand", "미리 정할 값"),
    "pick": (
        "a backup of set {}, the newest complete or verified one unless there is a reason",
        "백업 세트 {}의 백업 (특별한 이유가 없으면 완전하거나 검증된 최신 백업)",
    ),
    "expired": (
        "what of backup set {} is past its keep: never the newest complete or verified one, nor one in use",
        "백업 세트 {}에서 보관 기간이 지난 것 (완성·검증된 최신 백업과 사용 중인 백업은 제외)",
    ),
    "default": ("else {}", "기본값 {}"),
    "empty": ("empty", "빈 값"),
    "step": ("Step", "단계"),
    "needs": ("after step {}", "{}단계 다음"),
    "at once": ("can begin at once", "바로 시작 가능"),
    "on": ("on {}", "{}에서"),
    "disrupts": ("DISRUPTS what works", "작동 중인 서비스 중단"),
    "destroys": ("DESTROYS data", "데이터 삭제"),
    "optional": ("optional", "선택"),
    "always": ("also when the run is broken off", "중단하더라도 실행"),
    "expect": ("expected {}", "예상 {}"),
    "timeout": ("give up after {}", "제한 시간 {}"),
    "why": ("Why", "이유"),
    "included": ("Do all of {}.", "{} 절차를 모두 수행합니다."),
    "type": ("Before it runs, make sure that you mean it: {}", "실행 전에 대상을 확인하십시오: {}"),
    "show": ("Look first at what would be lost:", "먼저 무엇을 잃게 되는지 확인합니다."),
    "run posix": ("In a shell on {}:", "{}의 셸에서 실행:"),
    "run powershell": ("In PowerShell on {}:", "{}의 PowerShell에서 실행:"),
    "with": ("With", "환경 변수"),
    "sql": ("Query in {}:", "{}에서 쿼리 실행:"),
    "answer": ("The answer must be {}.", "결과가 다음과 같아야 합니다: {}"),
    "redis": ("Command to {}:", "{} 명령 실행:"),
    "buckets": ("In {}, make sure that these buckets exist: {}", "{}에 다음 버킷이 있게 합니다: {}"),
    "mirror restore": ("Copy every file below {} into bucket {}", "{} 아래의 모든 파일을 버킷 {}에 복사"),
    "mirror backup": ("Copy every object of bucket {1} to {0}", "버킷 {1}의 모든 객체를 {0}에 복사"),
    "compare": (
        "Compare names and sizes below {} with {}, and the hashes of {} files",
        "{} 아래의 이름과 크기를 {}와 비교하고 파일 {}개는 해시까지 비교",
    ),
    "offsite backup": (
        "{}: copy the newest complete backup ({} with what lies beside it, the .manifest last) to {}",
        "{}: 완성된 최신 백업({} 및 함께 있는 파일, .manifest는 마지막)을 {}에 복사",
    ),
    "offsite restore": (
        "{0}: fetch the newest complete copy from {2}, and put it back as {1} (the .manifest last)",
        "{0}: {2}에서 완성된 최신 사본을 가져와 {1}(으)로 되돌림 (.manifest는 마지막)",
    ),
    "no second place": ("(no second place is named)", "(두 번째 장소가 지정되지 않음)"),
    "http": ("{} of {}, {}: the answer must be {}", "{1}의 {2}에 {0} 요청: 응답 코드 {3}"),
    "body": ("with this body:", "요청 본문:"),
    "wait": ("Wait until {} is {}.", "{} 서비스가 다음 상태가 될 때까지 기다립니다: {}"),
    "check": ("It worked if", "성공 확인"),
    "check service": ("{} is {}", "{}: {}"),
    "check sql": ("this query in {} answers {}:", "{}에서 다음 쿼리의 결과가 {}:"),
    "check sql runs": ("this query in {} succeeds:", "{}에서 다음 쿼리가 성공:"),
    "check script": ("this script succeeds:", "다음 스크립트가 성공:"),
    "undo": ("To undo it:", "되돌리려면:"),
    "hints": ("If it fails", "실패하면"),
    "hint on": ("when it says {}: {}", "출력에 {} 포함: {}"),
    # environment
    "environment text": (
        "Scripts read these variables. Set them in the session before the first script of a runbook.",
        "스크립트는 다음 변수를 사용합니다. 절차의 첫 스크립트를 실행하기 전에 세션에 설정하십시오.",
    ),
    "strict": (
        "Save a POSIX script to a file and run it with `bash -euo pipefail FILE`: then it stops at the first thing "
        "that fails, and its `exit` does not end your session.",
        "POSIX 스크립트는 파일로 저장해 `bash -euo pipefail 파일`로 실행하십시오. 처음 실패한 곳에서 멈추고 "
        "스크립트의 `exit`가 세션을 끝내지 않습니다.",
    ),
    "secrets": ("Secrets", "비밀 값"),
    "secret": ("Secret", "비밀 값"),
    "kept": ("Where it is kept", "보관 위치"),
    "secret env": ("environment variable {} of the operator", "운영자의 환경 변수 {}"),
    "secret file": ("file {}", "파일 {}"),
    "used on": ("Read on", "사용하는 노드"),
    # backups, contacts, drills
    "set": ("Set", "세트"),
    "place": ("Where", "위치"),
    "every": ("Every", "주기"),
    "keep": ("Kept", "보관"),
    "of": ("Data of", "대상 서비스"),
    "second place": ("Second place", "두 번째 장소"),
    "mounted": ("Must be a drive of its own", "별도 드라이브 필수"),
    "yes": ("yes", "예"),
    "made by": ("Made by", "만드는 절차"),
    "schedule": ("What runs by itself", "자동 실행 일정"),
    "schedule text": (
        "`sparkdr-tui backup schedule` says whether this is installed; `--install` installs it.",
        "`sparkdr-tui backup schedule`은 설치 여부를 보여 주고 `--install`은 설치합니다.",
    ),
    "log": ("Log", "로그"),
    "hourly at": ("every hour at :{}", "매시 {}분"),
    "daily at": ("every day at {}", "매일 {}"),
    "monthly at": ("first Monday of each month at {}", "매월 첫째 월요일 {}"),
    "name": ("Name", "이름"),
    "phone": ("Phone", "전화번호"),
    "email": ("E-mail", "이메일"),
    "scope": ("Responsible for", "책임 범위"),
    "purpose": ("For", "용도"),
    "starts": ("starts at level {}", "Level {}부터 시작"),
    "owner": ("whom the scenario names", "시나리오 담당자"),
    "next": ("after {} without success: the next stage", "{} 안에 해결되지 않으면 다음 단계"),
    "drill": ("Drill", "훈련"),
    "due": ("Due", "시기"),
    "quarter": ("once in quarter {}", "{}분기"),
    "first monday": ("first Monday of each month", "매월 첫째 월요일"),
    "announce": ("announced {} before", "{} 전 공지"),
    "before": ("Before", "훈련 전"),
    "after": ("Afterwards", "훈련 후"),
    "runbook": ("Runbook", "복구 절차"),
}  # fmt: skip


def order(plan: Plan) -> tuple[str, ...]:
    """Every runbook once: those that answer scenarios in their order, then what they include, then the rest."""
    answers = [name for each in plan.scenarios.values() for name in each.runbooks]
    included = [inner.id for name in answers for _path, inner in places_of(plan, plan.runbooks[name])]
    return tuple(dict.fromkeys((*answers, *included, *plan.runbooks)))


def voice(plan: Plan, language: Language) -> Voice:
    """Whoever tells `plan` in `language`."""
    return Voice(plan, language, {name: number for number, name in enumerate(order(plan), 1)})


@dataclass(frozen=True, slots=True)
class Voice:
    """Who speaks: of which plan, in which language. What it gives back is Markdown."""

    plan: Plan
    language: Language
    numbers: Mapping[str, int]
    """Of the runbooks, so that a reader of paper finds them."""

    def word(self, word: str, *values: object) -> str:
        """A word or sentence of the document; `values` are Markdown already."""
        return _WORDS[word][0 if self.language == "en" else 1].format(*values)

    def said(self, text: Text | None) -> str:
        """A text of the plan."""
        return md.text(text.within(self.language)) if text is not None else ""

    def time(self, length: Duration | None) -> str:
        """A length of time; empty where there is none."""
        return format_duration(length) if length is not None else ""

    def service(self, name: str) -> str:
        """A service by its title."""
        return self.said(self.plan.services[name].title)

    def node(self, name: str) -> str:
        """A node by its title."""
        return self.said(self.plan.nodes[name].title)

    def runbook(self, name: str) -> str:
        """A runbook by its number and title, as a link."""
        return md.link(self.numbered(name), f"runbook-{name}")

    def numbered(self, name: str) -> str:
        """A runbook by its number and title."""
        return f"R{self.numbers[name]} {self.said(self.plan.runbooks[name].title)}"

    def danger(self, danger: Danger) -> str:
        """What a step may do, strongly; empty for a safe one."""
        return "" if danger is Danger.SAFE else f"**{self.word(danger.value)}**"
