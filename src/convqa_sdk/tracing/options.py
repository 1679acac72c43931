"""What every handle takes besides the fields of its kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypedDict

from convqa_sdk.tracing.known import KnownFields
from convqa_sdk.tracing.reference import TurnRef
from convqa_sdk.tracing.values import Versions


class StageOptions(TypedDict, total=False):
    """Options of the eight stages."""

    record: Callable[[Any], Mapping[str, Any]]
    fields: Mapping[str, str]
    start_time: datetime | int
    end_time: datetime | int


class TurnOptions(TypedDict, total=False):
    """Options of a turn."""

    session_id: str | None
    versions: Versions
    previous: TurnRef
    known: KnownFields
    state: str | None
    start_time: datetime | int
    end_time: datetime | int
