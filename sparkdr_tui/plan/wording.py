"""What pydantic found wrong with a file, in people's words, with its line. Reads nothing, checks nothing itself."""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from sparkdr_tui.plan.problems import Path, PlanError, shown, suggestion
from sparkdr_tui.plan.source import Source, found

_PATTERNS = {
    r"^[a-z][a-z0-9-]*$": ("is no id", "ids have small letters, digits and hyphens, and begin with a letter"),
    r"^[A-Za-z_][A-Za-z0-9_]*$": ("is no variable name", "variables have letters, digits and _, and no digit first"),
    r"\{stamp\}": ("has no {stamp}", "write {stamp} where the time of the backup goes, like postgres_{stamp}.sql.gz"),
}


def worded(source: Source, model: type[BaseModel], error: ValidationError) -> Iterator[PlanError]:
    """Every error that `model` found in `source`."""
    for detail in error.errors(include_url=False):
        message, hint = _words(detail, model)
        path = _path(source, detail["loc"])
        yield source.error((*path, detail["loc"][-1]) if detail["type"] == "missing" else path, message, hint)


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
            return f"expected {_expected(kind, context)}, found {found(value)}", _how(kind, value)


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


def _how(kind: str, value: Any) -> str:
    if kind == "string_type" and isinstance(value, int | float):
        return f'put it in quotes: "{str(value).lower() if isinstance(value, bool) else shown(str(value))}"'
    if kind.startswith("int") and isinstance(value, str) and value.strip().isdecimal():
        return "write it without quotes"
    if kind in ("tuple_type", "list_type") and isinstance(value, str):
        return f"write [{shown(value)}]"
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
    fields = [field for kind in kinds for each in _models(kind) for field in each.model_fields.items()]
    return sorted({field.alias or name for name, field in fields})


def _inside(kind: Any, part: int | str) -> Iterator[Any]:
    """The types that may stand under `part` of a type."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        for each in inner:
            yield from _inside(each, part)
    elif origin is Annotated:
        yield from _inside(inner[0], part)
    elif origin is dict:
        yield inner[1]
    elif origin in (tuple, list):
        yield inner[0]
    elif isinstance(kind, type) and issubclass(kind, BaseModel):
        yield from (field.annotation for name, field in kind.model_fields.items() if part in (name, field.alias))


def _models(kind: Any) -> Iterator[type[BaseModel]]:
    """The models that a type allows."""
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        for each in get_args(kind):
            yield from _models(each)
    elif origin is Annotated:
        yield from _models(get_args(kind)[0])
    elif origin is None and isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
