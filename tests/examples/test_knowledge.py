"""The example's knowledge base and its search."""

from __future__ import annotations

from pathlib import Path

import pytest

from support_bot.knowledge import KnowledgeBase


@pytest.fixture(scope="module")
def knowledge() -> KnowledgeBase:
    """The articles that are shipped."""
    return KnowledgeBase()


@pytest.mark.parametrize(
    ("question", "article"),
    [
        ("How long does delivery to Norway take?", "shipping-times"),
        ("What does delivery cost?", "shipping-costs"),
        ("My lantern does not charge", "battery"),
        ("Can I return a lantern and get my money back?", "returns"),
        ("How long is a gift card valid?", "gift-cards"),
        ("I want to change my delivery address", "address"),
    ],
)
def test_the_best_article_is_found(knowledge: KnowledgeBase, question: str, article: str) -> None:
    """BM25 puts the article that answers the question first, with falling positive scores."""
    found = knowledge.search(question)
    assert found[0].id == article
    scores = [document.score or 0.0 for document in found]
    assert scores == sorted(scores, reverse=True)
    assert min(scores) > 0


@pytest.mark.parametrize("question", ["", "   ", "xyzzy qwrtz", "the of and", "日本語", "?!"])
def test_nothing_is_found_for_unknown_words(knowledge: KnowledgeBase, question: str) -> None:
    """A question without a known word finds nothing, instead of articles with a score of 0."""
    assert knowledge.search(question) == []


def test_articles_say_where_they_stand(knowledge: KnowledgeBase) -> None:
    """Version, date and approval come from the article's head; drafts are marked."""
    articles = {article.id: article for article in knowledge.articles}
    assert articles["returns"].canonical
    assert articles["trade-in"].approval == "draft"
    assert all(article.version and article.updated_at is not None for article in articles.values())


def test_the_snapshot_names_the_content(tmp_path: Path, knowledge: KnowledgeBase) -> None:
    """The snapshot changes when an article does, and only then."""
    head = "id: a\ntitle: A\nversion: 1\nupdated: 2026-05-01\napproval: approved\ncanonical: no\n\n"
    (tmp_path / "a.md").write_text(head + "One sentence.\n")
    one = KnowledgeBase(tmp_path).snapshot
    assert KnowledgeBase(tmp_path).snapshot == one != knowledge.snapshot
    (tmp_path / "a.md").write_text(head + "Another sentence.\n")
    assert KnowledgeBase(tmp_path).snapshot != one


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    """A bot without knowledge does not start silently."""
    with pytest.raises(FileNotFoundError, match="no articles"):
        KnowledgeBase(tmp_path)
