"""Strategies for the state of conversations, and the facts that advance it."""

from __future__ import annotations

from hypothesis import strategies as st

from convqa_sdk.signals.answers import AnswerTraits
from convqa_sdk.tracing.conversation import Facts

hashes = st.frozensets(st.integers(0, 2**32 - 1), max_size=12)
names = st.text(min_size=1, max_size=20)
times = st.integers(1, 2**62)

facts = st.builds(
    Facts,
    message=st.booleans(),
    request=hashes,
    answered=st.booleans(),
    bubbles=st.integers(0, 9),
    answer_type=st.sampled_from([None, "grounded", "generated", "fallback", "refusal"]),
    traits=st.builds(AnswerTraits, st.booleans(), st.booleans(), st.booleans()),
    intent=st.none() | names,
    risk=st.sampled_from([None, "low", "medium", "high"]),
    missing_evidence=st.none() | st.integers(0, 9),
    claim_rewrites=st.integers(0, 3),
    tools=st.lists(names, max_size=3).map(tuple),
    start_ns=times,
    end_ns=times,
    trace_id=st.integers(1, 2**128 - 1),
    span_id=st.integers(1, 2**64 - 1),
    turn_index=st.none() | st.integers(0, 50),
    archetype=st.none() | names,
)
turns = st.lists(facts, max_size=12)
