"""Names under which the id of somebody stands."""

from __future__ import annotations

import pytest

from convqa_sdk.redaction.person_keys import person_kind


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("account.id", "ACCOUNT_ID"),
        ("customer_id", "ACCOUNT_ID"),
        ("customerId", "ACCOUNT_ID"),
        ("customerid", "ACCOUNT_ID"),
        ("shop.customer.id", "ACCOUNT_ID"),
        ("http.request.header.x-user-id", "USER_ID"),
        ("USER_ID", "USER_ID"),
        ("user_ids", "USER_ID"),
        ("cloud.account.id", None),
        ("process.user.id", None),
        ("order_id", None),
        ("user", None),
        ("id", None),
        ("user_idle", None),
        ("userid" * 100, None),
    ],
)
def test_whose_id(key: str, kind: str | None) -> None:
    """By its last words, in any spelling; ids of machines and things are nobody's."""
    assert person_kind(key) == kind
