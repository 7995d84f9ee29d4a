"""Lines of a function's source, found by what they compute, so that none is ever copied."""

from __future__ import annotations

import ast
import functools
import inspect
import textwrap
from collections.abc import Callable
from typing import NamedTuple

from elman.settings import refuse


class Lines(NamedTuple):
    """Some lines of a file as they stand there: function, number of the first line, text."""

    function: str
    first: int
    text: str


def statement(function: Callable, name: str) -> Lines:
    """The one statement of `function`, outside of loops, that computes `name`.

    `name` is the target of an assignment as written ("hidden", "self.context"), or "return",
    "for" or "if" for such a statement. ValueError where there is none, or more than one.
    """
    found = [node for node in _function(function).body if _computes(node) == name]
    if len(found) != 1:
        raise refuse("name", f"what one statement of {function.__qualname__} computes", name)
    return _lines(function, found)


def body(function: Callable) -> Lines:
    """What `function` does, without its first line and docstring."""
    statements = _function(function).body
    if ast.get_docstring(_function(function)) is not None:
        statements = statements[1:]
    return _lines(function, statements)


@functools.cache
def _source(function: Callable) -> tuple[list[str], int]:
    return inspect.getsourcelines(function)


@functools.cache
def _function(function: Callable) -> ast.FunctionDef:
    lines, _ = _source(function)
    node = ast.parse(textwrap.dedent("".join(lines))).body[0]
    assert isinstance(node, ast.FunctionDef)
    return node


def _lines(function: Callable, statements: list[ast.stmt]) -> Lines:
    lines, top = _source(function)
    first, last = statements[0].lineno, statements[-1].end_lineno
    text = textwrap.dedent("".join(lines[first - 1 : last])).rstrip()
    return Lines(function.__qualname__, top + first - 1, text)


def _computes(node: ast.stmt) -> str:
    if isinstance(node, ast.Assign):
        return ast.unparse(node.targets[0])
    return {ast.Return: "return", ast.For: "for", ast.If: "if"}.get(type(node), "")
