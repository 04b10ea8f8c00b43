"""What pydantic found wrong with a file, in people's words, with its line. Reads nothing, checks nothing itself."""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from sparkdr_tui.plan.problems import PlanError, shown, suggestion
from sparkdr_tui.plan.source import Path, Source, dotted, found

_PATTERNS = {
    r"^[a-z][a-z0-9-]*$": ("is no id", "ids have small letters, digits and hyphens, and begin with a letter"),
    r"^[A-Za-z_][A-Za-z0-9_]*$": ("is no variable name", "variables have letters, digits and _, and no digit first"),
    r"\{stamp\}": ("has no {stamp}", "write {stamp} where the time of the backup goes, like postgres_{stamp}.sql.gz"),
}


def worded(source: Source, model: type[BaseModel], error: ValidationError) -> Iterator[tuple[Path, PlanError]]:
    """Every error of `model` against `source`, with its path."""
    for detail in error.errors(include_url=False):
        path = _path(source, detail["loc"])
        message, hint = _words(detail, model)
        place = dotted(path if detail["type"] != "missing" else (*path, str(detail["loc"][-1])))
        text = f"{place}: {message}" if place else message
        yield path, PlanError(source.file, source.line(path), text, hint)


def _path(source: Source, loc: tuple[int | str, ...]) -> Path:
    """The part of an error's location that is in the file: no `[key]`, no positions in what is written as one value."""
    value: Any = source.data
    path: Path = ()
    for part in loc:
        if (isinstance(value, dict) and part in value) or (isinstance(value, list) and isinstance(part, int)):
            value = value[part]  # type: ignore[index]
            path = (*path, part)
    return path


def _words(detail: ErrorDetails, model: type[BaseModel]) -> tuple[str, str]:
    """Message and hint for one error."""
    kind, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    match kind:
        case "extra_forbidden":
            return "unknown key", suggestion(str(detail["loc"][-1]), _keys(model, detail["loc"][:-1]))
        case "missing":
            return "the key is missing", _needed(model, detail["loc"])
        case "string_pattern_mismatch":
            what, hint = _PATTERNS.get(str(context.get("pattern")), ("has the wrong form", ""))
            return f"'{shown(str(value))}' {what}", hint
        case "string_too_long":
            return f"longer than {context['max_length']} characters", ""
        case "literal_error" | "enum":
            return f"expected {context['expected']}, found {found(value)}", _meant(value, str(context["expected"]))
        case "greater_than_equal" | "less_than_equal" | "greater_than" | "less_than":
            return f"{shown(str(value))} is out of range", _range(context)
        case "too_short":
            return "at least one is needed", ""
        case "value_error":
            return shown(str(context.get("error", detail["msg"])), 300), ""
        case _:
            return f"expected {_expected(kind, context)}, found {found(value)}", _quotes(kind, value)


def _expected(kind: str, context: dict[str, Any]) -> str:
    if kind in ("model_type", "model_attributes_type", "dict_type", "dataclass_type"):
        name = context.get("class_name", "")
        return "a text, or {en: …, ko: …}" if name == "Text" else "keys and values"
    if kind.startswith("string"):
        return "a text"
    if kind.startswith("int"):
        return "a whole number"
    if kind.startswith("bool"):
        return "true or false"
    if kind in ("tuple_type", "list_type"):
        return "a list"
    return "something else"


def _quotes(kind: str, value: Any) -> str:
    if kind == "string_type" and isinstance(value, int | float):
        return f'put it in quotes: "{str(value).lower() if isinstance(value, bool) else shown(str(value))}"'
    if kind.startswith("int") and isinstance(value, str) and value.strip().isdecimal():
        return "write it without quotes"
    return ""


def _meant(value: Any, expected: str) -> str:
    names = expected.replace(" or ", ", ").replace("'", "").split(", ")
    hint = suggestion(value, names) if isinstance(value, str) else ""
    return hint if hint.startswith("did you mean") else ""


def _range(context: dict[str, Any]) -> str:
    limit = next((str(context[key]) for key in ("ge", "le", "gt", "lt") if key in context), "")
    word = "at least" if "ge" in context or "gt" in context else "at most"
    return f"it must be {word} {limit}"


def _needed(model: type[BaseModel], loc: tuple[int | str, ...]) -> str:
    """What a missing key is for, where a form of words helps."""
    return "every text needs both languages, or is one plain text" if loc[-1] in ("en", "ko") else ""


def _keys(model: type[BaseModel], loc: tuple[int | str, ...]) -> list[str]:
    """The keys that the model at `loc` knows."""
    kinds: list[Any] = [model]
    for part in loc:
        kinds = [inner for kind in kinds for inner in _inside(kind, part)]
    return sorted({field.alias or name for kind in kinds for name, field in kind.model_fields.items()})


def _inside(model: type[BaseModel], part: int | str) -> list[type[BaseModel]]:
    """The models that may stand under key `part` of `model`; positions and ids of a mapping are passed over."""
    for name, field in model.model_fields.items():
        if part in (name, field.alias):
            return list(_models(field.annotation))
    return [model]


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """Every model in a type."""
    if isinstance(annotation, type) and get_origin(annotation) is None:
        if issubclass(annotation, BaseModel):
            yield annotation
        return
    if get_origin(annotation) in (Annotated, Union, types.UnionType, tuple, list, dict):
        for each in get_args(annotation):
            yield from _models(each)
