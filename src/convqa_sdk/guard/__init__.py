"""Guardrails at run time: kill switch, automation tiers, fallback ladder, automatic trips, rollback."""

from __future__ import annotations

from convqa_sdk.guard.decision import Decision
from convqa_sdk.guard.flags import FlagError, Switch, flag_file, flag_provider, flag_variable
from convqa_sdk.guard.guard import Guard
from convqa_sdk.guard.metrics import METRICS
from convqa_sdk.guard.plan import Entry, GuardPlan, Pins, PlanDecision, Promotion, Rule
from convqa_sdk.guard.status import ArchetypeStatus, GuardStatus, RuleStatus
from convqa_sdk.tracing.turn_facts import TurnFacts

__all__ = [
    "METRICS",
    "ArchetypeStatus",
    "Decision",
    "Entry",
    "FlagError",
    "Guard",
    "GuardPlan",
    "GuardStatus",
    "Pins",
    "PlanDecision",
    "Promotion",
    "Rule",
    "RuleStatus",
    "Switch",
    "TurnFacts",
    "flag_file",
    "flag_provider",
    "flag_variable",
]
