"""Statements of databases: no literal stays, of whichever dialect; what is left still says what was asked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convqa_sdk.export.statements import without_literals


@pytest.mark.parametrize(
    ("statement", "left"),
    [
        ("SELECT * FROM t WHERE id=42", "SELECT * FROM t WHERE id=?"),
        ("SELECT a1, b FROM t2 WHERE x > -1.5e-3 LIMIT 10", "SELECT a1, b FROM t2 WHERE x > -? LIMIT ?"),
        ('SELECT * FROM t WHERE n="Jane"', "SELECT * FROM t WHERE n=?"),
        ("SELECT * FROM t WHERE x=$$Jane$$ AND y=$a$it's $b$ Jane$a$", "SELECT * FROM t WHERE x=? AND y=?"),
        ("SELECT 'it''s Jane', E'it\\'s Jane' FROM t", "SELECT ?, E?"),  # where it ends is not sure
        ("SELECT q'[it's Jane]', Q'!Jane's!' FROM t", "SELECT ?, ? FROM t"),
        ("SELECT x FROM t WHERE p = 'C:\\' AND n = 'Jane'", "SELECT x FROM t WHERE p = ?"),
        ("SELECT x -- for Jane\nFROM t /* Jane */ # Jane", "SELECT x ?\nFROM t ? ?"),
        ("SELECT x FROM t WHERE n = 'Jane\\", "SELECT x FROM t WHERE n = ?"),
        ("SELECT x FROM t /* Jane", "SELECT x FROM t ?"),
        ('SELECT "u"."id" FROM "u" JOIN "v" ON "u"."id" = "v"."u"', None),
        ("SELECT `a1` FROM t WHERE x = $1 AND y = :2 AND z = :name AND w = ?3 AND v = @p1", None),
        ("SELECT d #>> '{name}' FROM t", "SELECT d #>> ? FROM t"),
        ('{"by": {"name": "Jane", "age": 42, "on": true}}', '{"by": {"name": "?", "age": "?", "on": true}}'),
        ('find {"name": "Jane"}', "find {?: ?}"),
        ("[" * 100_000, "[" * 100_000),
    ],
)  # fmt: skip
def test_literals(statement: str, left: str | None) -> None:
    """Strings of all quotes, numbers, comments and JSON values go; names and placeholders stay."""
    assert without_literals(statement) == (statement if left is None else left)


@given(
    st.lists(
        st.sampled_from(["'", "''", '"', "\\", "$$", "$a$", "--", "\n", "/*", "*/", "#", "q'[", "]'", "`", "x", "="])
    ),
    st.sampled_from(["'{}'", '"{}"', "$${}$$", "/*{}*/", "q'[{}]'"]),
)
def test_the_rest_of_a_broken_statement(pieces: list[str], form: str) -> None:
    """Nothing that a statement holds makes it fail, and a literal behind whole ones never stays."""
    assert isinstance(without_literals("".join(pieces) + form.format("Jane")), str)
    assert "Jane" not in without_literals("SELECT 'a' , " + form.format("Jane"))
