"""What can be broken in a lab, as data; `breaking.py` breaks it, `mending.py` puts it right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sparkdr_tui.plan.model import Text


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to break the lab."""

    title: Text


def _fault(english: str, korean: str) -> Fault:
    return Fault(Text(en=english, ko=korean))


FAULTS: Mapping[str, Fault] = {
    "backend-down": _fault("The backend's process is killed", "Backend 프로세스 강제 종료"),
    "postgres-down": _fault("PostgreSQL ends at once, without a checkpoint", "PostgreSQL 즉시 종료 (체크포인트 없음)"),
    "postgres-corrupt": _fault("Tables of the database are lost", "데이터베이스 테이블 손실"),
    "postgres-corrupt-pages": _fault(
        "Pages of a table and of its index are overwritten; the server still answers",
        "테이블과 인덱스의 페이지가 덮어써짐 (서버는 응답함)",
    ),
    "redis-down": _fault("Redis' process is killed", "Redis 프로세스 강제 종료"),
    "redis-lost": _fault("Redis runs with an empty keyspace", "Redis 데이터 전체 손실"),
    "minio-down": _fault("MinIO's process is killed", "MinIO 프로세스 강제 종료"),
    "minio-lost": _fault("MinIO runs on an empty data folder", "MinIO 데이터 폴더 손실"),
    "ollama-down": _fault("Ollama's process is killed", "Ollama 프로세스 강제 종료"),
    "comfyui-down": _fault("ComfyUI's process is killed", "ComfyUI 프로세스 강제 종료"),
    "frontend-down": _fault("The frontend's process is killed", "Frontend 프로세스 강제 종료"),
    "desktop-off": _fault("The desktop has no power", "Desktop 전원 꺼짐"),
    "macmini-off": _fault("The Mac mini has no power", "Mac mini 전원 꺼짐"),
    "macmini-blank": _fault(
        "The Mac mini is a new one: an empty home, no packages, no services",
        "새 Mac mini: 빈 홈 폴더, 패키지와 서비스 없음",
    ),
    "laptop-off": _fault("The laptop has no power", "Laptop 전원 꺼짐"),
    "network-down": _fault("Every packet to and between the nodes vanishes", "모든 노드로의 패킷이 사라짐"),
    "blackout": _fault("No node has power", "전체 정전"),
    "site-lost": _fault(
        "Fire: no node has power, the Mac mini is a new one, and the backup drive's content is gone",
        "화재: 전체 정전, Mac mini는 빈 새 장비, 백업 드라이브의 내용도 소실",
    ),
}
"""Every fault, by name."""
