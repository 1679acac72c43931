"""The ArchetypeMap: what it refuses, what an intent counts as, and the one rule for a conversation."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convqa_sdk.errors import ConfigurationError
from convqa_sdk.schema.archetypes import BANDS, TAIL, ArchetypeMap, Assigned, hardest

FILE = """
version: archetypes-3
archetypes:
  order_status: {tier: 1, intents: [order_status, order_late*], deflection_target: 0.5}
  delivery_info: {tier: 2, intents: [delivery, order_*]}
  refund_status: {tier: 3, intents: [billing_refund]}
  gift_cards: {tier: tail, intents: gift_card}
"""


@pytest.fixture
def known(tmp_path: Path) -> ArchetypeMap:
    """The map of these tests."""
    return load(tmp_path, FILE)


def load(folder: Path, text: str) -> ArchetypeMap:
    """Load a map from a file with this text."""
    (folder / "map.yaml").write_text(text)
    return ArchetypeMap.load(folder / "map.yaml")


class TestIntents:
    """What one intent counts as."""

    @pytest.mark.parametrize(
        ("intent", "archetype", "tier"),
        [
            ("order_status", "order_status", "1"),
            ("order_late_by_a_week", "order_status", "1"),
            ("order_lost", "delivery_info", "2"),
            ("delivery", "delivery_info", "2"),
            ("delivery_abroad", "tail", "tail"),
            ("billing_refund", "refund_status", "3"),
            ("gift_card", "gift_cards", "tail"),
            ("", "tail", "tail"),
            (None, "tail", "tail"),
        ],
    )
    def test_by_class_or_its_beginning(self, known: ArchetypeMap, intent: str, archetype: str, tier: str) -> None:
        """An exact class counts first, then the longest beginning; what nothing names is the tail."""
        assert known.of(intent) == (archetype, tier)

    def test_a_class_counts_before_its_beginning(self) -> None:
        """Also when the beginning is as long as the class."""
        found = ArchetypeMap(
            version="1", archetypes={"a": {"tier": 1, "intents": ["x*"]}, "b": {"tier": 2, "intents": ["x"]}}
        )
        assert (found.of("x"), found.of("xy")) == (("b", "2"), ("a", "1"))


class TestDeflection:
    """Tier 3 is never optimised for deflection."""

    def test_only_tiers_one_and_two_may_be_optimised(self, known: ArchetypeMap) -> None:
        """Not tier 3, not the tail, and not what the map does not know."""
        names = ("order_status", "delivery_info", "refund_status", "gift_cards", "tail", "unheard_of")
        assert [known.may_optimise_deflection(name) for name in names] == [True, True, False, False, False, False]

    @pytest.mark.parametrize(("tier", "why"), [("3", "tier 3 is never optimised for deflection"), ("tail", "no band")])
    def test_a_target_there_is_refused(self, tmp_path: Path, tier: str, why: str) -> None:
        """The message says why, and what to do."""
        with pytest.raises(ConfigurationError, match=f"archetypes.0: deflection_target: .*{why}.*take it out"):
            load(tmp_path, f"{{version: v, archetypes: {{a: {{tier: {tier}, deflection_target: 0.1}}}}}}")

    def test_bands_are_those_of_the_catalogue(self) -> None:
        """KPI 1: 40 to 60, 15 to 30 and 3 to 10 per cent; the tail has none."""
        assert BANDS == {"1": (0.4, 0.6), "2": (0.15, 0.3), "3": (0.03, 0.1)}


REFUSED = {
    "an intent in two archetypes": (
        "{version: v, archetypes: {a: {tier: 1, intents: [x]}, b: {tier: 2, intents: [x]}}}",
        "the intent x is in two, a and b",
    ),
    "two tiers": (
        "{version: v, archetypes: [{name: a, tier: 1}, {name: a, tier: 3}]}",
        "archetypes: a has two tiers, 1 and 3",
    ),
    "two tiers by name": (
        "version: v\narchetypes:\n  a: {tier: 1}\n  a: {tier: 3}\n",
        "line 4: this key stands here twice",
    ),
    "a list of tiers": ("{version: v, archetypes: {a: {tier: [1, 3]}}}", "an archetype has one tier"),
    "twice": ("{version: v, archetypes: [{name: a, tier: 1}, {name: a, tier: 1}]}", "a stands here twice"),
    "an unknown tier": ("{version: v, archetypes: {a: {tier: 4}}}", "archetypes.0.tier: give one of 1"),
    "a tier that is true": ("{version: v, archetypes: {a: {tier: true}}}", "archetypes.0.tier: give one of 1"),
    "no tier": ("{version: v, archetypes: {a: {intents: [x]}}}", "archetypes.0.tier: Field required"),
    "no version": ("{archetypes: {a: {tier: 1}}}", "version: Field required"),
    "a misspelt field": ("{version: v, archetypes: {a: {tier: 1, intent: [x]}}}", "0.intent: there is no such setting"),
    "an asterisk inside": ("{version: v, archetypes: {a: {tier: 1, intents: ['x*y']}}}", "an asterisk stands at the"),
    "everything": ("{version: v, archetypes: {a: {tier: 1, intents: ['*']}}}", "is in the tail anyway"),
    "a tail of tier 1": ("{version: v, archetypes: {tail: {tier: 1}}}", "tail is what nothing names"),
    "a target beyond all": ("{version: v, archetypes: {a: {tier: 1, deflection_target: 40}}}", "less than or equal"),
    "an archetype that is a word": ("{version: v, archetypes: {a: 1}}", "each archetype is a mapping"),
    "a list": ("[a, b]", "this is no archetype map; give a mapping such as"),
    "nothing": ("", "this is no archetype map"),
    "no YAML": ("version: [v\narchetypes: {", "line 2: this is no YAML"),
    "something that is no text": (b"\xff\xfe\x00", "a text in UTF-8"),
}


@pytest.mark.parametrize(("text", "told"), REFUSED.values(), ids=REFUSED)
def test_a_map_that_contradicts_itself_is_refused(tmp_path: Path, text: Any, told: str) -> None:
    """The error names the file and the rule."""
    path = tmp_path / "map.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ConfigurationError) as raised:
        ArchetypeMap.load(path)
    assert str(raised.value).startswith(str(path))
    assert told in str(raised.value)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """So is a folder."""
    for path in (tmp_path / "none.yaml", tmp_path):
        with pytest.raises(ConfigurationError, match="cannot read the archetype map"):
            ArchetypeMap.load(path)


names = st.sampled_from(["a", "b", "refunds", "tail"])
assigned = st.lists(st.builds(Assigned, names, st.sampled_from(["1", "2", "3", "tail", None])), max_size=6)
intents = st.lists(st.sampled_from(["order_status", "order_x", "billing_refund", "gift_card", "?", None]), max_size=6)


class TestTheRule:
    """Each conversation has exactly one archetype, whoever looks at it in whatever parts."""

    def test_the_most_account_specific_wins(self, known: ArchetypeMap) -> None:
        """One question about a refund makes it a refund; without any intent it is the tail."""
        assert known.archetype_of(["order_status", None, "billing_refund", "delivery"]) == ("refund_status", "3")
        assert known.archetype_of(["?", "order_status"]) == ("order_status", "1")
        assert known.archetype_of([]) == known.archetype_of([None]) == TAIL == ("tail", "tail")

    def test_the_order_of_tiers(self) -> None:
        """3 before 2 before 1 before an unknown tier before the tail; then the alphabet."""
        order = [("z", "3"), ("y", "2"), ("a", "1"), ("b", "1"), ("c", None), ("tail", "tail")]
        for first, second in itertools.combinations([Assigned(*one) for one in order], 2):
            assert hardest([first, second]) == hardest([second, first]) == first

    @given(intents, st.randoms())
    def test_the_order_of_turns_and_repeats_do_not_matter(self, said: list[str | None], random: Any) -> None:
        """Any permutation, with any intent said again, is the same conversation."""
        shuffled = [*said, *random.choices(said, k=3)] if said else []
        random.shuffle(shuffled)
        assert MAP.archetype_of(shuffled) == MAP.archetype_of(said)

    @given(assigned, assigned, assigned)
    def test_partial_views_merge_in_any_order(self, a: list[Assigned], b: list[Assigned], c: list[Assigned]) -> None:
        """Merging is commutative, associative and idempotent, and gives what the whole gives."""
        whole = hardest([*a, *b, *c])
        for parts in itertools.permutations([a, b, c]):
            views = [hardest(part) for part in parts if part]
            assert hardest(views) == whole
            assert hardest([hardest(views[:2]), *views]) == whole

    @given(intents)
    def test_it_is_one_of_those_of_its_intents(self, said: list[str | None]) -> None:
        """Nothing is made up: an archetype that no intent has is the tail, of no intents."""
        assert MAP.archetype_of(said) in ({MAP.of(intent) for intent in said} or {TAIL})


MAP = ArchetypeMap(
    version="archetypes-3",
    archetypes={
        "order_status": {"tier": 1, "intents": ["order_status"]},
        "delivery_info": {"tier": 2, "intents": ["order_*"]},
        "refund_status": {"tier": 3, "intents": ["billing_refund"]},
        "gift_cards": {"tier": "tail", "intents": ["gift_card"]},
    },
)
