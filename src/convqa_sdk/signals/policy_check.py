"""Compare an answer with a policy book."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final

from convqa_sdk.signals.capability import Claimed, claims_of, does, is_promised, is_proved, is_verb
from convqa_sdk.signals.capability_words import DENIED
from convqa_sdk.signals.policy_book import PolicyBook
from convqa_sdk.signals.policy_contacts import Route, is_offered, normalised, numbers, route_agrees, written_routes
from convqa_sdk.signals.policy_entries import Entry, heaviest, topic_of
from convqa_sdk.signals.policy_hours import Hours, agreeing, parse_hours, quoted_hours
from convqa_sdk.signals.policy_statements import Lexicon, stem
from convqa_sdk.signals.policy_terms import Term, terms
from convqa_sdk.signals.policy_topics import BY_NAME, CONTACTS, PAID_OUT, TOPICS, Topic
from convqa_sdk.signals.policy_values import NONE, Value, agree
from convqa_sdk.signals.policy_violations import Class, Violation, severity
from convqa_sdk.signals.policy_words import words_of
from convqa_sdk.signals.wording import Sentence, sentences

_KEPT_PASSAGES: Final = 256
_KEPT_SENTENCES: Final = 5
_SPEAKERS: Final = frozenset({"we", "our"})
_SAID_AS: Final = {"beyond": "after {}", "late": "after {}", "not": "not {}"}


class Checker:
    """A book, ready to be held against answers.

    Args:
        book: The book.

    Attributes:
        lexicon: What sentences may speak of.
        entries: Of each fact that is a value, by name.
        contacts: Of each contact route, by name.
        hours: The opening hours.
        never: Stems of the phrases that promise what is never promised, by name.
    """

    def __init__(self, book: PolicyBook) -> None:
        self._regulated = book.is_regulated
        self.entries: dict[str, list[Entry]] = {}
        own: dict[str, Topic] = {}
        for fact in book.facts:
            if fact.name in CONTACTS:
                continue
            self.entries.setdefault(fact.name, []).append(Entry(fact))
            own[fact.name] = topic_of(fact, own.get(fact.name))
        self._not_offered = {
            name
            for name, entries in self.entries.items()
            if name in BY_NAME and BY_NAME[name].window and all(each.value == NONE for each in entries)
        }
        self.lexicon = Lexicon([*TOPICS, *self._paid_out(), *own.values()])
        self.contacts = {
            name: tuple(normalised(name, each) for fact in book.facts if fact.name == name for each in fact.contacts)
            for name in CONTACTS
            if name != "opening_hours"
        }
        self.hours = tuple(
            parse_hours(each) for fact in book.facts if fact.name == "opening_hours" for each in fact.contacts
        )
        self._hosts = frozenset(
            each.partition("@")[2] or each.partition("/")[0]
            for name in ("contact_email", "contact_url")
            for each in self.contacts[name]
        )
        self._capabilities = {
            name: (capability.tool, _words_of_capability(name, capability.terms), _verb(name, capability.terms))
            for name, capability in book.capabilities.items()
        }
        self.never = {
            name: [
                tuple(stem(word) for word in phrase.lower().replace("_", " ").split()) for phrase in phrases or (name,)
            ]
            for name, phrases in book.never.items()
        }
        self._quoted_in: Callable[[str, str], tuple[Term, ...]] = lru_cache(_KEPT_PASSAGES)(self._quoted)

    def check(
        self,
        answer: str,
        tools: tuple[str, ...] | None,
        passages: Sequence[Any] | None,
        doubtful: bool,
        language: str,
    ) -> list[Violation]:
        """Return the violations of an answer; see `PolicyBook.check`.

        Args:
            answer: The answer.
            tools: Tools that succeeded, None: unknown.
            passages: Passages that were retrieved, None: unknown.
            doubtful: Whether the retrieval was too unsure for any term to be quoted.
            language: Of the answer.
        """
        routes = written_routes(answer)
        read = list(sentences(answer, [(route.first, route.last) for route in routes]))
        found: list[Violation] = []
        quoted = list(terms(read, self.lexicon, words_of(language), comma_decimals=commas(language)))
        limited = {term.topic.name for term in quoted if term.bound != "late"}
        for term in quoted:
            if term.bound == "late" and term.topic.name in limited:  # the limit is told, and this is the case at hand
                continue
            violation = self._about(term, read, passages, doubtful, language)
            if violation is not None:
                found.append(violation)
        for sentence in read:
            found.extend(each for each in self._about_offers(sentence) if not _told(each, found))
            found.extend(self._about_contacts(sentence, routes))
            found.extend(self._about_promises(sentence))
            if tools is not None:
                found.extend(self._about_claims(sentence, tools))
        return _once(found)

    def _violation(
        self, policy_class: Class, fact: str, values: tuple[str | None, str], span: tuple[int, int]
    ) -> Violation:
        code = f"{policy_class}.{fact}"
        return Violation(code, policy_class, severity(policy_class, self._regulated), fact, *values, span)

    def _paid_out(self) -> tuple[Topic, ...]:
        """Return the topic that tells refunds that are paid from those that may be asked for, where the book allows."""
        windows = {each.value.unit for each in self.entries.get("refund_window", ())}
        return (PAID_OUT,) if "refund_time" in self.entries and windows.isdisjoint(PAID_OUT.units) else ()

    # ------------------------------------------------------------------------------------------------- terms

    def _about(
        self, term: Term, read: list[Sentence], passages: Sequence[Any] | None, doubtful: bool, language: str
    ) -> Violation | None:
        entries = self.entries.get(term.topic.name, [])
        expected = self._expected(term, entries, read)
        found = _SAID_AS.get(term.bound, "{}").format(term.value)
        span = (term.start, term.end)
        if expected is not None and (term.bound == "beyond" or not _agrees(expected, term)):
            return self._violation(term.topic.policy_class, term.topic.name, (str(expected), found), span)
        if doubtful or (passages is not None and not self._supported(term, passages, language)):
            told = str(expected) if expected is not None else None
            violation = self._violation(term.topic.policy_class, "unsupported_term", (told, found), span)
            return replace(violation, fact=term.topic.name)
        return None

    def _expected(self, term: Term, entries: list[Entry], read: list[Sentence]) -> Value | None:
        """Return what the book says of the products or customers that a statement is about; None: nothing."""
        if not entries:
            return None
        general = [each for each in entries if not each.about]
        chosen = heaviest(entries, term.near) or ([] if term.general else heaviest(entries, term.around))
        if not chosen and general and not any(_agrees(each.value, term) for each in general):
            told = _told_before(read, term.start)
            chosen = [each for each in heaviest(entries, told) if _agrees(each.value, term)]
        candidates = chosen or general or entries
        return next((each.value for each in candidates if _agrees(each.value, term)), candidates[0].value)

    def _about_offers(self, sentence: Sentence) -> Iterable[Violation]:
        """Yield what the company is said to offer, and the book says that it does not: `we match prices`."""
        words = sentence.words
        if not self._not_offered or sentence.asks or _SPEAKERS.isdisjoint(words) or not DENIED.isdisjoint(words):
            return
        for mention in self.lexicon.mentions([stem(word) for word in words], words):
            if mention.topic.name in self._not_offered:
                first, last = sentence.tokens[mention.first], sentence.tokens[mention.last - 1]
                span = (first.start, last.end)
                yield self._violation(mention.topic.policy_class, mention.topic.name, ("none", "offered"), span)
                return

    def _supported(self, term: Term, passages: Sequence[Any], language: str) -> bool:
        for passage in passages:
            text = getattr(passage, "text", None)
            if not getattr(passage, "canonical", False) or not isinstance(text, str):
                continue
            for quoted in self._quoted_in(text, language):
                if quoted.topic.name == term.topic.name and agree(quoted.value, term.value, term.bound):
                    return True
        return False

    def _quoted(self, text: str, language: str) -> tuple[Term, ...]:
        return tuple(terms(sentences(text), self.lexicon, words_of(language), comma_decimals=commas(language)))

    # ---------------------------------------------------------------------------------------------- contacts

    def _about_contacts(self, sentence: Sentence, routes: list[Route]) -> Iterable[Violation]:
        if self.hours:
            for hours in quoted_hours(sentence):
                if not agreeing(self.hours, hours):
                    yield self._about_hours(hours)
        spans = {(token.start, token.end) for token in sentence.tokens if token.kind == "x"}
        here = [route for route in routes if (route.first, route.last) in spans] if spans else []
        for route in (*here, *numbers(sentence)):
            expected = self.contacts[route.fact]
            if not expected or route_agrees(expected, route):
                continue
            if route.fact == "contact_phone" or is_offered(route, sentence, self._hosts):
                values = (", ".join(expected), route.value)
                yield self._violation("03", route.fact, values, (route.first, route.last))

    def _about_hours(self, hours: Hours) -> Violation:
        expected = ", ".join(str(each) for each in self.hours)
        return self._violation("03", "opening_hours", (expected, str(hours)), (hours.first, hours.last))

    # ------------------------------------------------------------------------------------------ capabilities

    def _about_claims(self, sentence: Sentence, tools: tuple[str, ...]) -> Iterable[Violation]:
        for claim in claims_of(sentence):
            name = self._capability(claim)
            if name is not None:
                proved = not set(self._capabilities[name][0]).isdisjoint(tools)
            else:
                proved = is_proved(claim, tools, {})
            if not proved:
                expected = ", ".join(self._capabilities[name][0]) if name is not None else None
                values = (expected or None, "claimed as done")
                yield self._violation("04", name or claim.action, values, (claim.start, claim.end))

    def _capability(self, claim: Claimed) -> str | None:
        """Return the capability that a claim is about: one named for the action, and for most of its words."""
        best, weight = None, 0
        for name, (_, words, verb) in self._capabilities.items():
            if verb and verb not in claim.words and not does(verb, claim.action):  # `order` alone is no `cancel_order`
                continue
            hits = len(words & claim.words) + (2 if claim.action in words else 0)
            if hits > weight:
                best, weight = name, hits
        return best

    def _about_promises(self, sentence: Sentence) -> Iterable[Violation]:
        if not self.never:
            return
        stems = [stem(word) for word in sentence.words]
        for name, phrases in self.never.items():
            at = next((index for phrase in phrases for index in places_of(phrase, stems)), None)
            if at is None or not is_promised(sentence, at):
                continue
            token = sentence.tokens[at]
            yield self._violation("04", name, ("never", "promised"), (token.start, token.end))


def places_of(phrase: tuple[str, ...], stems: Sequence[str]) -> Iterable[int]:
    """Return where a phrase begins in a sentence, by their stems."""
    if phrase[0] not in stems:
        return ()
    return (at for at in range(len(stems)) if tuple(stems[at : at + len(phrase)]) == phrase)


def commas(language: str) -> bool:
    """Tell whether a language writes `1,5` for one and a half."""
    return language[:2].lower() != "en"


def _told_before(read: list[Sentence], start: int) -> frozenset[str]:
    """Return the words of the sentences before a place, of at most as many as people keep in mind."""
    at = bisect_right(read, start, key=lambda each: each.tokens[-1].end)
    before = read[max(0, at - _KEPT_SENTENCES) : at]
    return frozenset(stem(word) for each in before for word in each.words)


def _agrees(expected: Value, term: Term) -> bool:
    same = agree(expected, term.value, "" if term.bound in ("beyond", "not") else term.bound)
    return same != (term.bound == "not")


def _words_of_capability(name: str, own: Sequence[str]) -> frozenset[str]:
    """Return the words that tell a capability: its terms, or those of its name and their actions."""
    return frozenset(word for each in (own or (name,)) for word in each.lower().replace("_", " ").split())


def _verb(name: str, own: Sequence[str]) -> str:
    """Return the verb that a capability's name begins with; empty where it is known by its terms or is one word."""
    first, _, rest = name.lower().partition("_")
    return first if rest and not own and is_verb(first) else ""


def _told(one: Violation, found: list[Violation]) -> bool:
    """Tell whether a violation of the same fact is at hand, which says more than that it is offered."""
    return any(each.code == one.code for each in found)


def _once(found: list[Violation]) -> list[Violation]:
    """Return violations in the order of the answer, one for each code and place."""
    seen: set[tuple[str, tuple[int, int]]] = set()
    kept: list[Violation] = []
    for each in sorted(found, key=lambda violation: violation.span):
        if (each.code, each.span) not in seen:
            seen.add((each.code, each.span))
            kept.append(each)
    return kept
