"""Why a scenario is suggested, in both languages: sentences made from readings."""

from __future__ import annotations

from collections.abc import Iterable

from sparkdr_tui.plan.model import Sign, State, Text
from sparkdr_tui.watch import details
from sparkdr_tui.watch.situation import Situation

_STATES = {
    State.REFUSED: Text(en="{title} refuses connections", ko="{title}: 연결 거부"),
    State.UNREACHABLE: Text(en="{title} does not answer", ko="{title}: 응답 없음"),
    State.DAMAGED: Text(en="{title} is damaged", ko="{title}: 손상"),
    State.SLOW: Text(en="{title} is slow", ko="{title}: 느림"),
    State.UP: Text(en="{title} is up", ko="{title}: 정상"),
    State.UNKNOWN: Text(en="{title} cannot be judged", ko="{title}: 알 수 없음"),
}
_SAID_ALREADY = ("refuses connections", "no answer")


def service(situation: Situation, name: str) -> Text:
    """`PostgreSQL is damaged: table users is missing`."""
    plan, state = situation.plan, situation.service_state(name)
    cause = situation.cause(name)
    if cause is None:
        return _said(state, plan.services[name].title, _detail(situation, name))
    sentence, title = _said(state, plan.services[name].title, ""), plan.services[cause].title
    found = situation.service_state(cause)
    word = "down" if found is State.UNKNOWN else found.value
    korean = f"{sentence.ko} ({title.ko} 장애의 영향일 수 있음)"
    return Text(en=f"{sentence.en}: it needs {title.en}, which is {word}", ko=korean)


def node(situation: Situation, name: str) -> Text:
    """`Desktop: neither SSH nor any of its services answers`."""
    title = situation.plan.nodes[name].title
    if name in situation.nodes_down:
        return Text(
            en=f"{title.en} is down: neither SSH nor any of its services answers",
            ko=f"{title.ko} 중단: SSH와 모든 서비스가 응답하지 않음",
        )
    reading = situation.topology.nodes[name]
    return _said(reading.state, title, reading.detail)


def several_nodes(situation: Situation, sign: Sign) -> Text:
    """`2 of 3 nodes are down: Desktop, Laptop`, and what the mains say where the sign asks them."""
    sentence = _nodes(situation)
    if sign.mains is None or situation.mains is None:
        return sentence
    if situation.mains.healthy:
        return Text(en=f"{sentence.en}, and the site has power", ko=f"{sentence.ko}, 전원은 들어와 있음")
    return Text(en=f"{sentence.en}, nor do the mains", ko=f"{sentence.ko}, 전원도 응답하지 않음")


def _nodes(situation: Situation) -> Text:
    down, known = situation.nodes_down, situation.plan.nodes
    titles = [known[name].title for name in down]
    if len(down) == len(known) > 1:
        return Text(en=f"None of the {len(known)} nodes answers", ko=f"노드 {len(known)}대가 모두 응답하지 않음")
    return Text(
        en=f"{len(down)} of {len(known)} nodes are down: {_list(title.en for title in titles)}",
        ko=f"노드 {len(known)}대 중 {len(down)}대 중단: {_list(title.ko for title in titles)}",
    )


def several_services(situation: Situation, names: tuple[str, ...]) -> Text:
    """`4 services of Mac mini are down: Backend, PostgreSQL, …`."""
    services = situation.plan.services
    titles = [services[name].title for name in names]
    on = [situation.plan.nodes[name].title for name in dict.fromkeys(services[each].on for each in names)]
    return Text(
        en=f"{len(names)} services of {_list(title.en for title in on)} are down: {_list(t.en for t in titles)}",
        ko=f"{_list(title.ko for title in on)}의 서비스 {len(names)}개 중단: {_list(t.ko for t in titles)}",
    )


def _said(state: State, title: Text, detail: str) -> Text:
    sentence = _STATES[state]
    more = f": {detail}" if detail else ""
    aside = f" ({details.korean(detail)})" if detail else ""
    return Text(en=sentence.en.format(title=title.en) + more, ko=sentence.ko.format(title=title.ko) + aside)


def _detail(situation: Situation, name: str) -> str:
    detail = situation.topology.services[name].detail
    return "" if detail.endswith(_SAID_ALREADY) and not detail.startswith("SSH") else detail


def _list(titles: Iterable[str]) -> str:
    return ", ".join(titles)
