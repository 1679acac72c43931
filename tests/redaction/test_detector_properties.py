"""What holds of the detector for any text: two engines with one result, nothing raw left, bounded, never raising."""

from __future__ import annotations

import gc
import gzip
import json
import time
from pathlib import Path

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from convqa_sdk.redaction import RedactionPolicy, Redactor, detect, redact
from convqa_sdk.redaction.anchors import present_by
from convqa_sdk.redaction.detector import detect_with
from convqa_sdk.redaction.patterns import RULES
from convqa_sdk.redaction.rule import LONG_RUN, Rule
from convqa_sdk.redaction.telling import TOKEN_SIGNS, tell_by

from .evasions import ADDRESSES, ENCODED, LOOKING_LIKE_DIGITS, SEEN_ALIKE, SPELLED, carriers, leaked
from .planted import any_text, awkward_text, edges, planted

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "redaction"
FORMS = {**SEEN_ALIKE, **ENCODED, **LOOKING_LIKE_DIGITS, **SPELLED, **ADDRESSES}

STEMS = "pass word Passwort: hasło пароль 密码 my card is phone SSN born IBAN DE GB82 three seven dot at v1.2 10:30"
SIGNS = "= : \" ' { } [ ] - -- # @ % &#64; 0x %40 \\u0040 \u200b \u0661 \uff11 \ud800 \u0130 \u1e9e \u017f \u212a"

words_and_signs = st.lists(
    st.one_of(
        st.sampled_from([literal for rule in RULES for literal in rule.literals]),
        st.sampled_from(STEMS.split() + SIGNS.split(" ") + ["\n", " "]),
        st.text("0123456789", max_size=20),
        st.text("abcXYZ019_.-+/=~$", max_size=24),
        planted,
        any_text,
    ),
    max_size=10,
)
composed_text = st.one_of(words_and_signs.map(" ".join), words_and_signs.map("".join), awkward_text)
"""Texts of what rules look for, values, their disguises and noise."""
disguised = st.builds(
    lambda form, value: FORMS[form](value) if value[-1:].isdigit() else value, st.sampled_from(sorted(FORMS)), planted
)


@given(composed_text | disguised)
@example("fm2_" + "ab," * 12)  # no run of token characters is long
@example("\u0130" * 3 + "password: hunter2x")
@example("\u017fecret=hunter2hunter2 \u212a8S")  # letters whose lower case is ASCII
def test_both_engines_find_the_same(text: str) -> None:
    """With and without google-re2, and without the way out for quiet texts, the findings are the same."""
    pytest.importorskip("re2", reason="the extra fast is not installed")
    found = detect(text)
    for engine in ("re", "re2"):
        for quiet in (True, False):
            assert detect_with(text, engine=engine, quiet=quiet) == found


@pytest.mark.parametrize("name", sorted(path.name for path in DATA.glob("*.jsonl.gz")) or ["none"])
def test_both_engines_find_the_same_in_shared_texts(name: str) -> None:
    """On every record of the shared data the engines agree, also without the way out for quiet texts."""
    pytest.importorskip("re2", reason="the extra fast is not installed")
    if not (DATA / name).exists():
        pytest.skip(f"shared test data are absent: {DATA}")
    with gzip.open(DATA / name, "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    different = [
        number
        for number, text in enumerate(texts)
        if not detect(text) == detect_with(text, engine="re") == detect_with(text, engine="re2", quiet=False)
    ]
    assert texts
    assert different == []


@given(composed_text)
def test_engines_name_the_same_anchors(text: str) -> None:
    """The gates of `re` pass every rule whose literal occurs and can match; what they pass besides, `re2` sees too."""
    pytest.importorskip("re2", reason="the extra fast is not installed")
    folded, raw = text.lower(), text.encode("ascii", "replace")
    passed = {anchor.number for anchor in present_by("re", RULES)(text, folded, raw, ~0)}
    seen = {anchor.number for anchor in present_by("re2", RULES)(text, folded, raw, ~0)}
    assert passed <= seen


@given(composed_text)
def test_a_quiet_text_has_no_finding(text: str) -> None:
    """Whatever either engine lets out early, the full search finds nothing in."""
    pytest.importorskip("re2", reason="the extra fast is not installed")
    raw = text.encode("ascii", "replace")
    if not all(tell_by(engine)(text, raw) for engine in ("re", "re2")):
        assert detect_with(text, quiet=False) == []


@given(composed_text | disguised, st.sampled_from([1, 3, 17, 100, 1000]))
@example("Cc56 9506 0283 0274 01", 1)
def test_the_size_of_slices_does_not_matter_for_disguised_values_either(text: str, size: int) -> None:
    """Views are searched in slices like plain text."""
    assert detect_with(text, slices=size) == detect(text)


@given(composed_text | disguised)
def test_redacting_again_changes_nothing(text: str) -> None:
    """A redacted text is clean."""
    once = redact(text)
    if once.status != "withheld":
        again = redact(once.text)
        assert again.text == once.text
        assert again.count == 0


@given(any_text, edges, planted, edges, any_text)
def test_no_character_of_a_planted_value_survives(before: str, left: str, value: str, right: str, after: str) -> None:
    """Whatever but digits stands around a value, redaction leaves none of its letters and digits."""
    assume(not any(map(str.isnumeric, before[-1:] + after[:1])))
    assert leaked(f"{before} {left}", value, f"{right} {after}") == ""


@pytest.mark.parametrize("form", sorted(SEEN_ALIKE) + sorted(ENCODED))
@settings(max_examples=25)
@given(carriers, planted.filter(lambda value: "@" not in value and " " not in value))
def test_no_character_of_a_disguised_secret_survives(form: str, carrier: tuple[str, str], value: str) -> None:
    """Tokens, cards and IBANs without blanks stay found in every form that a reader or a program undoes."""
    assert leaked(carrier[0], FORMS[form](value), carrier[1]) == ""


@given(st.text(st.characters(), max_size=300) | st.binary(max_size=300).map(lambda raw: raw.decode("latin-1")))
@example("\x00")
@example("\ud800\udc00\udfff")
@example("\U0010ffff\ufffe\u0130\u0149\ufdfa")
@example("")
def test_nothing_raises(text: str) -> None:
    """Surrogates, controls, noncharacters and bytes read as text are texts like any other."""
    assert detect(text) == detect_with(text, quiet=False)
    redact(text).text.encode()


def test_a_text_of_ten_megabytes_is_withheld_unread() -> None:
    """Of what is longer than the policy allows, nothing leaves."""
    redacted = Redactor(RedactionPolicy()).text("a joe@example.com " * 600_000)
    assert (redacted.text, redacted.status) == ("[WITHHELD:too_long]", "withheld")


def seconds(text: str) -> float:
    """Return how much processor time of this thread the detection takes at best."""
    best = 9.0
    for _ in range(3):
        begin = time.thread_time()
        detect(text)
        best = min(best, time.thread_time() - begin)
    return best


hostile_pieces = st.one_of(
    st.text("0123456789 .-:/@+()[]{}\"'=%&#;\\<>_,|\n\taAxXoOlI", min_size=1, max_size=6),
    st.text(st.characters(), min_size=1, max_size=6),
    st.sampled_from(
        [
            "a at b ",
            "1 2 3 ",
            "one 2 ",
            "=41",
            "%25%32",
            "&#4;",
            "\\\\\\u",
            "<a b ",
            "ab cd ",
            "4:1:",
            "1\n",
            "a.b@",
            "dot ",
            "a dot",
            "AB12-",
            "three ",
            "x1 ",
            "de12 ",
            "dni 1",
        ]
    ),
)


@settings(max_examples=60)
@given(hostile_pieces)
def test_time_grows_linearly_with_any_repeated_piece(piece: str) -> None:
    """Five times the text, up to 50 KB, takes about five times as long, not twenty-five."""
    gc.disable()  # a full collection costs as much as all other objects of this run
    try:
        assert seconds((piece * 50_000)[:50_000]) < 11 * seconds((piece * 10_000)[:10_000]) + 0.02
    finally:
        gc.enable()


def least_run(rule: Rule) -> int:
    """Return how long the longest run of token characters in any match of a rule is at least."""
    from re import _parser  # type: ignore[attr-defined] # reason: the only parser of expressions there is

    token = {ord(character) for character in TOKEN_SIGNS} | {code for code in range(128) if chr(code).isalnum()}
    return _joins([_run(node, token) for node in _parser.parse(rule.expression)])[1]


def _characters(items: list[tuple[object, object]]) -> set[int]:
    """Return the characters of a class; more than those of tokens for a negated one."""
    found: set[int] = set()
    for kind, what in items:
        if str(kind) == "LITERAL":
            found.add(what)
        elif str(kind) == "RANGE":
            found |= set(range(what[0], what[1] + 1))
        else:
            found |= set(range(0x110000))
    return found


def _joins(runs: list[tuple[int, int, int, bool]]) -> tuple[int, int, int, bool]:
    head, best, tail, whole = 0, 0, 0, True
    for next_head, next_best, next_tail, next_whole in runs:
        best = max(best, next_best, tail + next_head)
        head = head + next_head if whole else head
        tail = tail + next_tail if next_whole else next_tail
        whole = whole and next_whole
    return head, max(best, head, tail), tail, whole


def _run(node: tuple[object, object], token: set[int]) -> tuple[int, int, int, bool]:
    """Return the least run at the begin, anywhere and at the end of what a part matches, and whether that is all."""
    kind, what = str(node[0]), node[1]
    if kind == "LITERAL":
        return (1, 1, 1, True) if what in token else (0, 0, 0, False)
    if kind == "IN":
        return (1, 1, 1, True) if _characters(what) <= token else (0, 0, 0, False)
    if kind in ("MAX_REPEAT", "MIN_REPEAT"):
        least, _, inner = what
        one = _joins([_run(each, token) for each in inner])
        if one[3]:
            return one[0] * least, one[0] * least, one[0] * least, True
        return _joins([one] * least) if least else (0, 0, 0, False)
    if kind == "SUBPATTERN":
        return _joins([_run(each, token) for each in what[-1]])
    if kind == "BRANCH":
        every = [_joins([_run(each, token) for each in branch]) for branch in what[1]]
        return (*(min(each[place] for each in every) for place in range(3)), all(each[3] for each in every))
    if kind == "AT":
        return 0, 0, 0, True
    return 0, 0, 0, False


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.long], ids=lambda rule: rule.name)
def test_a_long_rule_matches_only_what_holds_a_long_run(rule: Rule) -> None:
    """The way out of `re` for texts without a long token loses no match, as the expression's own tree tells."""
    assert least_run(rule) >= LONG_RUN


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_expression_compiles_in_re2_and_matches_the_same(rule: Rule) -> None:
    """RE2 accepts each, with as many groups."""
    re2 = pytest.importorskip("re2", reason="the extra fast is not installed")
    assert re2.compile(rule.expression).groups == rule.pattern.groups >= rule.group


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.literals], ids=lambda rule: rule.name)
def test_literals_are_what_the_search_expects(rule: Rule) -> None:
    """Literals that are searched in lower case are in lower case, none is empty, and none occurs twice in a rule."""
    assert all(rule.literals)
    assert len(set(rule.literals)) == len(rule.literals)
    assert not rule.folded or all(literal == literal.lower() for literal in rule.literals)
