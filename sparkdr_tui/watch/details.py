"""The facts of a reading are kept as short English lines, in journals too; here they are said in Korean."""

from __future__ import annotations

import re

from sparkdr_tui.language import current

_FACTS = (
    (r"SSH of (?P<a>[^:]+): (?P<rest>.+)", "{a}의 SSH: {rest}"),
    (r"hangs up: (?P<rest>.+)", "연결을 끊음: {rest}"),
    (r"cannot be looked into: (?P<rest>.+)", "살펴볼 수 없음: {rest}"),
    (r"port (?P<a>\d+) refuses connections", "{a} 포트 연결 거부"),
    (r"refuses connections", "연결 거부"),
    (r"no answer", "응답 없음"),
    (r"accepts connections but does not answer", "연결은 받지만 응답하지 않음"),
    (r"hangs up before it says anything", "아무 말 없이 연결을 끊음"),
    (r"hangs up during the login", "로그인 중에 연결을 끊음"),
    (r"closed the connection without a whole answer", "응답을 다 보내지 않고 연결을 끊음"),
    (r"something else than SSH answers", "SSH가 아닌 것이 응답함"),
    (r"does not speak (?P<a>.+)", "{a} 응답이 아님"),
    (r"does not let (?P<a>\S+) in(?:: (?P<rest>.+))?", "{a}의 접속을 허용하지 않음"),
    (r"shows another host key than the one that is known", "알려진 것과 다른 호스트 키를 보임"),
    (r"its host key is not known", "호스트 키를 알 수 없음"),
    (r"no connection", "연결 없음"),
    (r"answers in (?P<a>[\d.]+) s", "{a}초 만에 응답"),
    (r"answers; not looked into without credentials", "응답함. 인증 정보가 없어 내용은 보지 못함"),
    (r"looked at through the node's SSH only, which takes credentials", "노드의 SSH로만 볼 수 있어 인증 정보가 필요함"),
    (r"(?P<a>\S+) answers (?P<b>\d{3})(?:: (?P<c>.+))?", "{a} 응답 {b}"),
    (r"database (?P<a>.+) is missing", "데이터베이스 {a} 없음"),
    (r"table (?P<a>\S+) is missing", "테이블 {a} 없음"),
    (r"tables (?P<a>.+) are missing", "테이블 {a} 없음"),
    (r"bucket (?P<a>\S+) is missing", "버킷 {a} 없음"),
    (r"buckets (?P<a>.+) are missing", "버킷 {a} 없음"),
    (r"folder (?P<a>.+) is missing", "폴더 {a} 없음"),
    (r"folders (?P<a>.+) are missing", "폴더 {a} 없음"),
    (r"table (?P<a>.+) cannot be read: (?P<b>.+)", "테이블 {a}을(를) 읽을 수 없음: {b}"),
    (r"is still loading its data", "아직 데이터를 읽어 들이는 중"),
    (r"asks for a password", "비밀번호를 요구함"),
    (r"does not accept the password", "비밀번호를 받아들이지 않음"),
    (r"does not accept the access key \((?P<a>.+)\)", "액세스 키를 받아들이지 않음 ({a})"),
    (r"takes no clients from outside \(protected mode\)", "외부 접속을 받지 않음 (보호 모드)"),
    (r"has lost its master", "마스터를 잃음"),
    (r"too many clients are connected", "접속한 클라이언트가 너무 많음"),
    (r"PING answers (?P<a>.+)", "PING 응답: {a}"),
    (r"holds (?P<a>\d+) keys, at least (?P<b>\d+) expected", "키 {a}개, 최소 {b}개여야 함"),
    (r"listing the buckets answers (?P<a>\d+) \((?P<b>.+)\)", "버킷 목록 응답 {a} ({b})"),
    (r"listing the buckets answers no list of buckets", "버킷 목록이 아닌 것을 응답함"),
    (r"amcheck is still looking", "amcheck 검사 중"),
    (r"amcheck is not installed in the database", "데이터베이스에 amcheck가 설치되어 있지 않음"),
    (r"amcheck could not finish: (?P<a>.+)", "amcheck를 마치지 못함: {a}"),
    (r"amcheck may not be used: (?P<a>.+)", "amcheck를 쓸 수 없음: {a}"),
)


def said(detail: str) -> str:
    """The fact, in the language in use."""
    return korean(detail) if current() == "ko" else detail


def korean(detail: str) -> str:
    """The fact in Korean; what a server or system said in its own words stays as it is."""
    for pattern, sentence in _FACTS:
        if found := re.fullmatch(pattern, detail):
            parts = {name: part or "" for name, part in found.groupdict().items()}
            rest = korean(parts.pop("rest", ""))
            text = sentence.format(**parts, rest=rest)
            left = rest if rest and "{rest}" not in sentence else parts.get("c", "")
            return f"{text}: {left}" if left else text
    return detail
