"""The documentation as a whole: generated pages, navigation, links, and the rule that all blocks run."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

import convqa_sdk as convqa

ROOT = Path(__file__).parents[2]
PAGES = [
    *sorted(ROOT.glob("docs/**/*.md")),
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")),
]


def test_the_api_page_names_what_turns_and_outcomes_take() -> None:
    """Methods of a turn, and each argument of each `record_*`, by its signature."""
    page = (ROOT / "docs" / "reference" / "api.md").read_text(encoding="utf-8")
    for name in ("claims(", "evidence(", "self_score(", "tools_succeeded_before(", "state"):
        assert f"| `{name}" in page
    calls = [name for name in convqa.__all__ if name.startswith("record_")]
    assert calls
    for name in calls:
        for each in inspect.signature(getattr(convqa, name)).parameters.values():
            assert each.kind is each.VAR_KEYWORD or f"| `{name}` | `{each.name}` | " in page


def test_generated_pages_are_fresh() -> None:
    """The telemetry, settings, command line and API pages say what the code says."""
    tool = [sys.executable, str(ROOT / "tools" / "generate_docs.py"), "--check"]
    done = subprocess.run(tool, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 0, done.stdout + done.stderr


def test_stale_pages_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """--check writes nothing and exits 1; without it the pages are written, and are fresh then."""
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    import generate_docs

    monkeypatch.setattr(generate_docs, "REFERENCE", tmp_path / "reference")
    assert generate_docs.main(["--check"]) == 1
    assert "settings.md" in capsys.readouterr().out
    assert not (tmp_path / "reference").exists()
    assert generate_docs.main([]) == 0
    assert generate_docs.main(["--check"]) == 0


def test_arguments_and_methods_have_a_reference() -> None:
    """The API page gives the methods of a turn, and of classes each argument with type, default and whole meaning."""
    page = (ROOT / "docs" / "reference" / "api.md").read_text()
    for method in ("answer(", "fallback(", "stream(", "set(", "known(", "custom(", "seal(", "ref"):
        assert f"\n| `{method}" in page, method
    assert "| `retain_days` | `int` | `90` | After so many days `convqa vault purge` removes a record. |" in page
    assert "| `shape` | `str or None` | `None` |" in page
    assert "is an instrumentation violation, and nothing is sealed for it. |" in page
    for wrong in ("Annotated", "NoneType", "typing.", "OneOrMore", " at 0x"):
        assert wrong not in page, wrong


def test_every_page_is_in_the_navigation() -> None:
    """No page is left out of the site, and none is named that does not exist."""
    named = set(re.findall(r'"([\w/-]+\.md)"', (ROOT / "zensical.toml").read_text()))
    assert named == {str(page.relative_to(ROOT / "docs")) for page in ROOT.glob("docs/**/*.md")}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """Links to files of the checkout name files that exist, also outside the site."""
    for target in re.findall(r"\]\(([^)#]+)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name}: {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_one_sentence_per_line(page: Path) -> None:
    """Prose has one sentence per line, outside of blocks, tables and lists."""
    prose = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    if "generated" in prose[:200]:
        return
    for line in prose.splitlines():
        if not line.startswith(("|", "-", "#", "<", *"0123456789")):
            assert not re.search(r"[a-z)`][.!?] [A-Z`]", line), f"{page.name}: {line}"


def test_every_block_is_run_or_says_why_not() -> None:
    """Blocks of shell dialects that the runner does not read would be skipped silently; there are none."""
    for page in [*ROOT.glob("docs/**/*.md"), ROOT / "README.md"]:
        for language in re.findall(r"^```(\w*)", page.read_text(), re.MULTILINE):
            assert language in ("", "python", "console", "json", "yaml", "text"), f"{page.name}: {language}"


def test_the_runner_compares_output() -> None:
    """Numbers, units, pseudonyms and spaces may differ; words may not; `…` stands for anything, also for lines."""
    import importlib.util

    spec = importlib.util.spec_from_file_location("pages", ROOT / "conftest.py")
    assert spec is not None
    assert spec.loader is not None
    pages = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(pages)
    assert pages.matches("turn 1  12 µs  ok", "turn 2  3.4 ms   ok")
    assert pages.matches("for [EMAIL:k1:abc]", "for [EMAIL:k1:xyz]")
    assert not pages.matches("for [EMAIL]", "for [PHONE]")
    assert not pages.matches("one", "one\ntwo")
    assert pages.matches("one\n…", "one\ntwo\nthree")
    assert pages.matches("…\n…e…\n…", "one\ntwo\nthree")
    assert not pages.matches("…\nfour\n…", "one\ntwo\nthree")
    assert list(pages.commands("$ a b\nout\n$ c\n")) == [("a b", "out\n"), ("c", "")]
    with pytest.raises(AssertionError, match="not run"):
        pages.new_process(["make", "test"])
    with pytest.raises(AssertionError, match="exited with 2"):
        pages.run("convqa no-such-command")
    assert "convqa-sdk" in pages.run("convqa --version")
