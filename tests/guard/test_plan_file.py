"""A plan in a file: read when it has changed, written whole or not at all, by one at a time."""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from convqa_sdk.errors import ConfigurationError
from convqa_sdk.guard import GuardPlan, plan_file
from convqa_sdk.guard.plan_file import MAX_BYTES, PlanFile, plan_from, written
from strategies_guard import plans

OWNED = "owner: ops\n"


@pytest.mark.parametrize("is_json", [True, False], ids=["json", "yaml"])
@settings(suppress_health_check=[HealthCheck.too_slow])
@given(plan=plans())
def test_writing_and_reading_are_inverse(plan: GuardPlan, is_json: bool) -> None:
    """A plan that was written is read as it was."""
    assert plan_from(written(plan, is_json=is_json).encode(), "f", is_json=is_json) == plan


def test_a_file_that_has_not_changed_gives_the_same_plan(tmp_path: Path) -> None:
    """The very same object, so that nothing is made anew; another content gives another."""
    path = tmp_path / "guard.yaml"
    path.write_text(OWNED)
    file = PlanFile(path)
    first = file.read()
    assert file.read() is first
    path.write_text("owner: ops-lead\n")
    assert file.read().owner == "ops-lead"


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("g.yaml", "a: [", r"g\.yaml, line 1: this is no YAML"),
        ("g.yaml", "owner: o\narchetypes:\n  a: {}\n  a: {}", r"g\.yaml, line 4: this setting stands here twice"),
        ("g.yaml", "a: &x [*x]", "a plan is|no such setting|this is no YAML"),
        ("g.json", '{"owner": "o", "owner": "p"}', r"g\.json: a setting stands there twice"),
        ("g.yaml", "- a", "a plan is a mapping of settings, such as owner: ops-lead"),
        ("g.yaml", "", "a plan is a mapping"),
        ("g.json", "{", r"g\.json: this is no JSON"),
        ("g.json", "[" * 100_000, r"g\.json: this is no JSON"),
        ("g.yaml", "owner: o\nstate: jane@example.com", r"state: Input should be 'normal'"),
        ("g.yaml", "\n".join(f"x{n}: 1" for n in range(9)), "and 5 more"),
        ("g.yaml", f"owner: {'o' * MAX_BYTES}", "at most 1,000,000 bytes"),
    ],
)
def test_what_is_no_plan_says_where(tmp_path: Path, name: str, content: str, told: str) -> None:
    """File, place and rule are named; nothing is quoted."""
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(ConfigurationError, match=told) as caught:
        PlanFile(path).read()
    assert "jane" not in str(caught.value)


def test_what_cannot_be_read_says_why(tmp_path: Path) -> None:
    """A file that is not there, and one in another encoding."""
    with pytest.raises(ConfigurationError, match="no such file"):
        PlanFile(tmp_path / "g.yaml").read()
    (tmp_path / "g.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError, match="UTF-8"):
        PlanFile(tmp_path / "g.yaml").read()


def test_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """YAML needs a library; JSON needs none."""
    monkeypatch.setitem(sys.modules, "yaml", None)
    (tmp_path / "g.yaml").write_text(OWNED)
    (tmp_path / "g.json").write_text('{"owner": "ops"}')
    with pytest.raises(ImportError, match=r"convqa-sdk\[yaml\]"):
        PlanFile(tmp_path / "g.yaml").read()
    assert PlanFile(tmp_path / "g.json").read().owner == "ops"


def test_a_change_is_written_whole(tmp_path: Path) -> None:
    """The file is replaced, with the rights that it had, and nothing is left beside it but the lock."""
    path = tmp_path / "guard.json"
    path.write_text('{"owner": "ops"}')
    path.chmod(0o640)
    before, after = PlanFile(path).change(lambda plan: plan.changed(version=plan.version + 1))
    assert (before.version, after.version) == (1, 2)
    assert json.loads(path.read_text()) == {"version": 2, "owner": "ops"}
    assert path.stat().st_mode & 0o777 == 0o640
    assert sorted(os.listdir(tmp_path)) == [".guard.json.lock", "guard.json"]


def test_an_edit_that_refuses_changes_nothing(tmp_path: Path) -> None:
    """The file is what it was, and can be changed afterwards."""
    path = tmp_path / "guard.yaml"
    path.write_text(OWNED)

    def refuse(plan: GuardPlan) -> GuardPlan:
        raise ConfigurationError("no")

    with pytest.raises(ConfigurationError, match="no"):
        PlanFile(path).change(refuse)
    assert path.read_text() == OWNED
    assert PlanFile(path).change(lambda plan: plan.changed(version=2))[1].version == 2


def test_a_disk_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The old plan stays, whole, and no half of a new one lies about."""
    path = tmp_path / "guard.yaml"
    path.write_text(OWNED)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigurationError, match="no space left on device; nothing was changed"):
        PlanFile(path).change(lambda plan: plan.changed(version=2))
    assert path.read_text() == OWNED
    assert sorted(os.listdir(tmp_path)) == [".guard.yaml.lock", "guard.yaml"]


def test_two_do_not_change_it_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever comes second and has waited for too long is told so."""
    monkeypatch.setattr(plan_file, "LOCK_WAIT_S", 0.05)
    path = tmp_path / "guard.yaml"
    path.write_text(OWNED)

    def meanwhile(plan: GuardPlan) -> GuardPlan:
        with pytest.raises(ConfigurationError, match="somebody else is changing the plan"):
            PlanFile(path).change(lambda other: other)
        return plan.changed(version=2)

    assert PlanFile(path).change(meanwhile)[1].version == 2


def test_whoever_comes_second_waits(tmp_path: Path) -> None:
    """A kill that meets another edit is done after it, and on top of it."""
    path = tmp_path / "guard.yaml"
    path.write_text(OWNED)
    second = threading.Thread(
        target=lambda: PlanFile(path).change(lambda plan: plan.changed(version=plan.version + 1, state="killed"))
    )

    def first(plan: GuardPlan) -> GuardPlan:
        second.start()
        time.sleep(0.1)
        return plan.changed(version=plan.version + 1, human_text="Wait.")

    PlanFile(path).change(first)
    second.join()
    plan = PlanFile(path).read()
    assert (plan.version, plan.state, plan.human_text) == (3, "killed", "Wait.")


@pytest.mark.parametrize(("link", "name"), [("guard.yaml", "plan.yaml"), ("guard.json", "b10b"), ("g.yaml", "p.json")])
def test_a_link_stays_one(tmp_path: Path, link: str, name: str) -> None:
    """What it leads to is changed, under one lock for both, and stays readable by both names."""
    (tmp_path / "real").mkdir()
    target, path = tmp_path / "real" / name, tmp_path / link
    target.write_text('{"owner": "ops"}')
    path.symlink_to(Path("real") / name)
    PlanFile(path).change(lambda plan: plan.changed(version=2, state="killed"))
    assert path.is_symlink()
    assert [PlanFile(each).read().state for each in (path, target)] == ["killed", "killed"]
    assert sorted(os.listdir(tmp_path / "real")) == sorted([f".{name}.lock", name])
    assert sorted(os.listdir(tmp_path)) == sorted(["real", link])


def test_links_that_lead_to_each_other(tmp_path: Path) -> None:
    """They are no plan, and it is said."""
    (tmp_path / "a.json").symlink_to("b.json")
    (tmp_path / "b.json").symlink_to("a.json")
    with pytest.raises(ConfigurationError, match="cannot read the plan"):
        PlanFile(tmp_path / "a.json").change(lambda plan: plan)


def _raise_version(path: Path) -> None:
    for _ in range(20):
        PlanFile(path).change(lambda plan: plan.changed(version=plan.version + 1))


def test_readers_never_see_half_a_plan(tmp_path: Path) -> None:
    """While another process writes, every reading is a whole plan, and versions never go back."""
    path = tmp_path / "guard.json"
    path.write_text('{"owner": "ops"}')
    writer = multiprocessing.get_context("spawn").Process(target=_raise_version, args=(path,))
    writer.start()
    seen = [PlanFile(path).read().version]
    while writer.is_alive():
        seen.append(PlanFile(path).read().version)
    writer.join()
    seen.append(PlanFile(path).read().version)
    assert seen == sorted(seen)
    assert seen[-1] == 21
