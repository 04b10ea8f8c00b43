"""What a status update says, in both languages whatever the program itself speaks: it is for people elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sparkdr_tui.plan.model import Language, Text

_WORDS: dict[str, tuple[str, str]] = {
    # the headline
    "incident": ("INCIDENT", "장애"),
    "routine": ("ROUTINE WORK", "정기 작업"),
    "drill": ("DRILL", "훈련"),
    "lab": ("LAB", "LAB"),
    "level": ("level {}", "Level {}"),
    "no outage": ("This is an exercise. Nothing is really down.", "훈련 상황입니다. 실제 장애가 아닙니다."),
    # what happened
    "impact": ("Impact", "영향"),
    "since": ("Since", "발생"),
    "for": ("{} ({} ago)", "{} ({} 경과)"),
    "now": ("Now", "현재 상태"),
    "all back": ("every service is back", "모든 서비스 정상"),
    "not seen": ("not looked at yet", "아직 확인되지 않음"),
    # without a run
    "quiet": ("no recovery is under way", "진행 중인 복구 작업 없음"),
    "all up": ("every service is up", "모든 서비스 정상"),
    "looks like": ("Looks like", "추정"),
    # what is being done
    "doing": ("Doing", "조치"),
    "step": ("step {} of {}, {}", "{2} ({1}단계 중 {0}단계)"),
    "running": ("{}", "{} 진행 중"),
    "verifying": ("{}: checking the result", "{} 결과 확인 중"),
    "undoing": ("{}: being undone", "{} 되돌리는 중"),
    "asked": ("{}: waiting for the operator's yes", "{} 운영자 확인 대기"),
    "failed": ("{}: failed, deciding how to go on", "{} 실패, 대응 결정 중"),
    "timed out": ("{}: took too long, deciding how to go on", "{} 시간 초과, 대응 결정 중"),
    "cancelled": ("{}: stopped, deciding how to go on", "{} 중지됨, 대응 결정 중"),
    "unknown": ("{}: not known how it ended, being looked at", "{} 결과 불명, 확인 중"),
    "ready": ("{}: next", "{} 곧 시작"),
    "work done": ("the work is done, making sure that all is well", "작업 완료, 정상 여부 확인 중"),
    "done": ("Done", "진행"),
    "of": ("{} of {} steps", "전체 {1}단계 중 {0}단계 완료"),
    "of but": ("{} of {} steps, {} skipped", "전체 {1}단계 중 {0}단계 완료, {2}단계 건너뜀"),
    # when it is back
    "rto": ("RTO", "RTO"),
    "expected": ("Expected back", "복구 예상"),
    "about": ("about {}", "{}경"),
    "at the latest": ("about {}, by {} in nine of ten recoveries", "{}경, 늦어도 {} (과거 복구 10회 중 9회 기준)"),
    "not known": ("not known yet", "아직 알 수 없음"),
    "back": ("Back since", "복구 시각"),
    "rto on pace": ("{} by {}: on pace", "{} {}까지, 준수 예상"),
    "rto at risk": ("at risk: {}", "초과 위험: {}"),
    "rto will breach": ("will be missed: {}", "초과 예상: {}"),
    "rto breached": ("missed: {}", "초과: {}"),
    "rto met": ("met: {}", "준수: {}"),
    "rto unknown": ("{} by {}: not known yet", "{} {}까지, 준수 여부 불명"),
    "rto open": ("not restored: {}", "미복구: {}"),
    "promised": ("{} ({})", "{} ({})"),
    "by": ("{} ({}, due {})", "{} ({}, {}까지)"),
    "took of": ("{} (took {}, allowed {})", "{} ({} 소요, 목표 {})"),
    # people
    "escalation": ("Escalation", "에스컬레이션"),
    "stage since": ("{}, since {}", "{} ({}부터)"),
    "people": ("In charge", "담당"),
    "commands": ("{} commands", "지휘 {}"),
    "operates": ("{} operates", "운영 {}"),
    "writes": ("{} writes", "기록 {}"),
    "nobody": ("nobody named to command yet", "지휘자 미지정"),
    "next": ("Next update", "다음 공유"),
    # the end
    "outcome": ("Outcome", "결과"),
    "completed": ("recovered", "복구 완료"),
    "completed with exceptions": ("recovered, with exceptions", "예외와 함께 복구 완료"),
    "aborted": ("aborted before everything was recovered", "복구 도중 중단"),
    "exercise completed": ("completed", "완료"),
    "exercise completed with exceptions": ("completed, with exceptions", "예외와 함께 완료"),
    "exercise aborted": ("aborted", "중단"),
    "left out": ("left out: {}", "생략: {}"),
    "marked": ("done by other means: {}", "다른 방법으로 완료: {}"),
    "reason": ("{}: {}", "{}: {}"),
    "took": ("Took", "소요"),
    "from to": ("{} ({} to {})", "{} ({} ~ {})"),
    "data": ("Data", "데이터"),
    "lost": ("{}: the last {} before the incident are lost", "{} 장애 직전 {} 분량 손실"),
    "rpo met": ("{} (RPO {} met)", "{} (RPO {} 준수)"),
    "rpo missed": ("{} (RPO {} missed)", "{} (RPO {} 초과)"),
    "later": (
        "{}: restored from after the beginning, may hold the damage",
        "{} 장애 이후 백업으로 복원, 손상 포함 가능",
    ),
    "nothing restored": ("no backup was restored", "백업 복원 없음"),
    # notifications
    "told": ("{}: {}", "{}: {}"),
    "told opened": ("being handled", "대응 시작"),
    "told waiting": ("a step waits for a person", "담당자 확인 대기 중"),
    "told escalated": ("escalated, {}", "에스컬레이션, {}"),
    "told at-risk": ("RTO at risk, {}", "RTO 초과 위험, {}"),
    "told missed": ("RTO missed, {}", "RTO 초과, {}"),
    # states
    "refused": ("refused", "연결 거부"),
    "unreachable": ("unreachable", "연결 불가"),
    "damaged": ("damaged", "손상"),
    "state": ("{} {}", "{} {}"),
    # lengths of time
    "days": ("{} d", "{}일"),
    "hours": ("{} h", "{}시간"),
    "minutes": ("{} min", "{}분"),
    "seconds": ("{} s", "{}초"),
}


@dataclass(frozen=True, slots=True)
class Voice:
    """A language, and how it says things."""

    language: Language

    def word(self, key: str, *values: object) -> str:
        """A word or sentence of the table."""
        return _WORDS[key][self.language == "ko"].format(*values)

    def said(self, text: Text) -> str:
        """A text of the plan."""
        return text.within(self.language)

    def span(self, seconds: float) -> str:
        """A length of time at a glance: `47 min`, `2 h 10 min`."""
        whole = int(max(0.0, seconds))
        if whole < 60:
            return self.word("seconds", whole)
        if whole < 3600:
            return self.word("minutes", whole // 60)
        large, small, key, more = (3600, 60, "hours", "minutes") if whole < 86400 else (86400, 3600, "days", "hours")
        rest = whole % large // small
        return self.word(key, whole // large) + (f" {self.word(more, rest)}" if rest else "")

    def clock(self, at: datetime, beside: datetime) -> str:
        """A moment in local time: of another day than `beside` with its date."""
        local = at.astimezone()
        same = local.date() == beside.astimezone().date()
        return local.strftime("%H:%M" if same else "%m-%d %H:%M")
