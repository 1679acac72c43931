"""What URLs encode is found where it is written."""

from __future__ import annotations

import pytest

from convqa_sdk.redaction import detect
from convqa_sdk.redaction.urls import url_findings

MAIL = "jane%40example.com"


@pytest.mark.parametrize(
    ("text", "values"),
    [
        (f"https://h.io/?email={MAIL}&page=2", [MAIL]),
        (f"GET /u/{MAIL}/x and /y/{MAIL}", [MAIL, MAIL]),
        ("see https://h.io/?token=a-1&x=2#id_token=b", ["a-1", "b"]),
        ("https://me:pw@h.io/ and ftp://only-a-token@h.io", ["me:pw", "only-a-token"]),
        ("a=1;password=x;b=2", ["x"]),
        ("?q=jane%252540example.com", ["jane%252540example.com"]),
        ("?phone=334+891+7502", ["334+891+7502"]),
        ("?customer_id=42&account.id=a-1&userId=7&session_id=s9&order_id=5", ["42", "a-1", "7", "s9"]),
        ("?a=b&c=d%20e", []),
        ("100% = 5 * 20", []),
        ("?token=[SECRET]&email=[EMAIL:k1:abc]", []),
        ("no url at all", []),
    ],
)
def test_what_is_found(text: str, values: list[str]) -> None:
    """Values of parameters and encoded pieces of paths, whole, and only those that are or hold something."""
    found = {finding[:2] for finding in url_findings(text, detect) or ()}
    assert [text[start:end] for start, end in sorted(found)] == values


def test_a_detector_that_fails_is_told() -> None:
    """None says that a part of the URL could not be searched."""
    assert url_findings(f"?email={MAIL}", lambda _: None) is None


def test_many_parameters_are_read_once() -> None:
    """A long query is searched in time that grows with its length."""
    asked = 0

    def counting(text: str) -> list[object]:
        nonlocal asked
        asked += len(text)
        return []

    text = "?" + "&".join(f"a{n}=b{n}" for n in range(2_000))
    assert url_findings(text, counting) == []  # type: ignore[arg-type] # reason: an empty list is one of findings
    assert asked < 3 * len(text)


@pytest.mark.parametrize("text", ["%" + "a" * 200_000, "?" * 200_000, "?a" * 100_000, "://a" * 50_000, ";a" * 100_000])
def test_no_text_is_read_over_and_over(text: str) -> None:
    """A hostile text ends too; quadratic reading of one of these would take minutes."""
    assert url_findings("=" + text + "%4", lambda _: []) == []
