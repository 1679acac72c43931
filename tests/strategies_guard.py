"""Hypothesis strategies for a guard: plans that are valid, and what bots and switches may say."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from hypothesis import strategies as st

from convqa_sdk.guard import METRICS, Entry, GuardPlan, Pins, PlanDecision, Promotion, Rule

names = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=20)
moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(timezone.utc))
shares = st.floats(0, 1, allow_nan=False)
states = st.sampled_from(("normal", "fallback", "killed"))
pins = st.builds(Pins, model=st.none() | names, prompt=st.none() | names, kb_snapshot=st.none() | names)
entries = st.builds(
    Entry,
    archetype_tier=st.sampled_from((None, "1", "2", "tail")),
    tier=st.sampled_from(("recommend", "assist", "automate")),
    threshold=shares,
    deflect=st.booleans(),
    versions=pins,
    state=states,
    lifted_at=st.none() | moments,
)


@st.composite
def rules(draw: st.DrawFn, name: str, archetypes: list[str]) -> Rule:
    """Return a rule whose two bounds have room between them."""
    metric = draw(st.sampled_from(sorted(METRICS)))
    low, high = sorted(draw(st.lists(st.integers(0, 20), min_size=2, max_size=2, unique=True)))
    scale = 20 if METRICS[metric].share else 1
    bounds = (low / scale, high / scale) if METRICS[metric].falls else (high / scale, low / scale)
    return Rule(
        name=name,
        metric=metric,
        threshold=bounds[0],
        reset_at=bounds[1],
        window_s=draw(st.floats(1, 10_000)),
        hold_s=draw(st.floats(1, 10_000)),
        min_count=draw(st.integers(1, 100)),
        scope=draw(st.sampled_from(("each", "all"))),
        archetypes=tuple(draw(st.lists(st.sampled_from(archetypes), unique=True))) if archetypes else (),
        then=draw(st.sampled_from(("fallback", "killed"))),
    )


decisions = st.builds(
    PlanDecision,
    version=st.integers(1, 1_000),
    at=moments,
    owner=names,
    archetype=st.none() | names,
    what=st.lists(names, min_size=1, max_size=3).map(tuple),
    reason=names,
    verdict=st.none() | names,
    audit_bound=st.none() | shares,
)


@st.composite
def plans(draw: st.DrawFn) -> GuardPlan:
    """Return a plan."""
    archetypes: dict[str, Any] = draw(st.dictionaries(names, entries, max_size=4))
    rule_names = draw(st.lists(names, max_size=3, unique=True))
    return GuardPlan(
        version=draw(st.integers(1, 1_000)),
        owner=draw(names),
        state=draw(states),
        lifted_at=draw(st.none() | moments),
        default=draw(entries).model_copy(update={"deflect": False}),
        archetypes=archetypes,
        trips=tuple(draw(rules(name, sorted(archetypes))) for name in rule_names),
        promotion=draw(st.builds(Promotion, audit_limit=shares)),
        human_text=draw(names),
        decisions=tuple(draw(st.lists(decisions, max_size=3))),
    )


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.just(object()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
