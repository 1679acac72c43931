"""The knowledge base: short articles in a folder, searched with BM25."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import bm25s

from convqa_sdk import Document

FOLDER = Path(__file__).parent / "knowledge"


class KnowledgeBase:
    """Articles and their index.

    Args:
        folder: Folder of articles; each is a head of `name: value` lines, an empty line, and text.
    """

    def __init__(self, folder: Path = FOLDER) -> None:
        files = sorted(folder.glob("*.md"))
        if not files:
            raise FileNotFoundError(f"no articles (*.md) in {folder}")
        texts = [file.read_text(encoding="utf-8") for file in files]
        self.titles: dict[str, str] = {}
        self.articles = [self._article(text) for text in texts]
        self.snapshot = "kb-" + hashlib.sha256("".join(texts).encode()).hexdigest()[:8]
        self._index = bm25s.BM25()
        self._index.index(_tokens([f"{self.titles[a.id]}. {a.text}" for a in self.articles]), show_progress=False)

    def _article(self, text: str) -> Document:
        head, _, body = text.partition("\n\n")
        fields: dict[str, Any] = dict(line.split(": ", 1) for line in head.splitlines())
        self.titles[fields["id"]] = fields["title"]
        return Document(
            id=fields["id"],
            text=body.strip(),
            version=fields["version"],
            updated_at=datetime.fromisoformat(fields["updated"]).replace(tzinfo=timezone.utc),
            approval=fields["approval"],
            canonical=fields["canonical"] == "yes",
        )

    def search(self, question: str, top_k: int = 4) -> list[Document]:
        """Return the articles that share words with the question, best first; none when no word is known."""
        words = _tokens([question])
        if not words.vocab or not any(word in self._index.vocab_dict for word in words.vocab):
            return []
        found, scores = self._index.retrieve(words, corpus=self.articles, k=top_k, show_progress=False)
        return [replace(a, score=round(float(s), 3)) for a, s in zip(found[0], scores[0], strict=True) if s > 0]


def words_of(text: str) -> set[str]:
    """Return the words of a text as the index knows them: lower case, no stop words, singular."""
    return {word for word in _tokens([text]).vocab if word}


def _tokens(texts: list[str]) -> bm25s.tokenization.Tokenized:
    return bm25s.tokenize(texts, stopwords="en_plus", stemmer=_singular, show_progress=False)


def _singular(words: list[str]) -> list[str]:
    """Cut a plural s; enough for English shop talk, where a real bot takes a stemmer."""
    return [word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word for word in words]
