"""What signatures and docstrings say, as lines of Markdown: the tables of arguments and methods in docs/reference."""

from __future__ import annotations

import collections.abc
import inspect
import re
import textwrap
from collections.abc import Iterator
from typing import Any, is_typeddict

_ENTRY = re.compile(r"^\*{0,2}([\w.]+): (.+)$", re.MULTILINE)
_SECTION = re.compile(r"^(\w+):\n", re.MULTILINE)
_MODULES = re.compile(r"\b(?:typing|collections\.abc|convqa_sdk(?:\.\w+)*)\.")
_ALIASES = {"OneOrMore": "str | Sequence[str] | None"}
_NOTHING = inspect.Parameter.empty


def first_line(thing: Any) -> str:
    """Return the first line of a docstring, for a table; of a constant its type."""
    if not (callable(thing) or inspect.ismodule(thing)):
        return f"Constant of type `{type(thing).__name__}`."
    return _cell((inspect.getdoc(thing) or "").partition("\n")[0])


def sections(thing: Any) -> dict[str, str]:
    """Return the sections of a docstring, such as Returns, by their title; each entry on one line."""
    parts = _SECTION.split(inspect.getdoc(thing) or "")
    return {
        title: re.sub(r"\n {2,}", " ", textwrap.dedent(text).strip())
        for title, text in zip(parts[1::2], parts[2::2], strict=True)
    }


def entries(thing: Any, *titles: str) -> dict[str, str]:
    """Return the entries of the named sections of a docstring by their name, in their order."""
    told = sections(thing)
    return {name: text for title in titles for name, text in _ENTRY.findall(told.get(title, ""))}


def arguments(name: str, thing: Any, like: Any = None) -> list[str]:
    """Return the section of a class or function: what it is, and each argument with type, default and meaning.

    Args:
        name: Its heading.
        thing: The class or function.
        like: What tells the meaning of the arguments, where that is something else.
    """
    told = entries(like or thing, "Attributes", "Args")
    lines = [f"### `{name}`", "", *_sentences(thing), ""]
    rows = list(_arguments(thing))
    if rows:
        lines += ["| argument | type | default | meaning |", "|---|---|---|---|"]
        lines += [f"| `{each}` | `{kind}` | {default} | {_cell(told.pop(each, ''))} |" for each, kind, default in rows]
        lines.append("")
    if told and "Args" in sections(thing):
        lines += ["| attribute | meaning |", "|---|---|"]
        lines += [f"| `{each}` | {_cell(text)} |" for each, text in told.items()]
        lines.append("")
    raises = entries(thing, "Raises")
    if raises:
        lines += [f"Raises `{each}`: {text}" for each, text in raises.items()]
        lines.append("")
    return lines


def methods(title: str, intro: str, home: Any, names: tuple[str, ...], more: dict[str, str]) -> list[str]:
    """Return the section of a class whose methods bots call.

    Args:
        title: Its heading.
        intro: What it is.
        home: The class.
        names: Methods, properties, and attributes that the class's docstring describes.
        more: What is to be said of a method beyond its docstring.
    """
    lines = [f"### {title}", "", intro, "", "| method | meaning |", "|---|---|"]
    for each in names:
        member = inspect.getattr_static(home, each)
        thing = member.fget if isinstance(member, property) else getattr(home, each)
        if not callable(thing):
            lines.append(f"| `{each}` | {_cell(entries(home, 'Attributes')[each])} |")
            continue
        shown = each if isinstance(member, property) else f"{each}({', '.join(_parameters(thing))})"
        told = entries(thing, "Args").items()
        meaning = [*_sentences(thing), *(f"`{key}`: {text}" for key, text in told if not text.startswith("Nothing"))]
        meaning += [more[each]] if each in more else []
        lines.append(f"| `{_cell(shown)}` | {_cell(' '.join(meaning))} |")
    return [*lines, ""]


def _sentences(thing: Any) -> list[str]:
    """Return what a docstring says before its sections, a paragraph a line."""
    text = _SECTION.split(inspect.getdoc(thing) or "")[0]
    return [" ".join(paragraph.split()) for paragraph in text.split("\n\n") if paragraph.strip()]


def _parameters(method: Any) -> Iterator[str]:
    star = False
    for each in inspect.signature(method).parameters.values():
        if each.name == "self" or "Never" in str(each.annotation):
            continue
        if each.kind is each.VAR_KEYWORD:
            yield f"**{each.name}"
            continue
        if each.kind is each.KEYWORD_ONLY and not star:
            star = True
            yield "*"
        kind = _named(each.annotation)
        yield f"{each.name}: {kind}" + ("" if each.default is _NOTHING else f" = {each.default!r}")


def _arguments(thing: Any) -> Iterator[tuple[str, str, str]]:
    """Yield name, type and default of what a class or function takes."""
    if is_typeddict(thing):
        yield from ((name, _named(kind), "") for name, kind in thing.__annotations__.items())
        return
    fields = getattr(thing, "model_fields", None)
    if fields is not None:  # pydantic's signature shows its checks as well
        for name, field in fields.items():
            default = None if field.is_required() else field.get_default(call_default_factory=True)
            yield name, _named(field.annotation), "" if field.is_required() else f"`{_default(default)}`"
        return
    for each in inspect.signature(thing).parameters.values():
        yield each.name, _named(each.annotation), "" if each.default is _NOTHING else f"`{_default(each.default)}`"


def _default(value: Any) -> str:
    if isinstance(value, frozenset | tuple | collections.abc.Mapping) and not value:
        return "empty"
    return f"{value.__name__}" if callable(value) else repr(value)


def _named(kind: Any) -> str:
    """Return a type as it is written, without modules and checks."""
    text = getattr(kind, "__forward_arg__", None) or (kind.__name__ if isinstance(kind, type) else str(kind))
    text = _ALIASES.get(kind, kind) if isinstance(kind, str) else _ALIASES.get(text, text)
    while "Annotated[" in text:
        begin = text.index("Annotated[")
        inside, end = _first_of(text, text.index("[", begin) + 1)
        text = text[:begin] + inside + text[end:]
    text = re.sub(r"Optional\[(.+)\]", r"\1 | None", _MODULES.sub("", text)).replace("NoneType", "None")
    return text.replace(" | ", " or ")


def _first_of(text: str, begin: int) -> tuple[str, int]:
    """Return the first of the types in brackets that begin before an offset, and where the brackets end."""
    depth, comma = 0, -1
    for offset in range(begin, len(text)):
        if text[offset] in "[(":
            depth += 1
        elif text[offset] in "])":
            depth -= 1
        if depth < 0:
            return text[begin : comma if comma >= 0 else offset], offset + 1
        if text[offset] == "," and not depth and comma < 0:
            comma = offset
    return text[begin:], len(text)


def _cell(text: str) -> str:
    """Return a text for the cell of a table."""
    return text.replace("|", "\\|").replace("\n", " ")
