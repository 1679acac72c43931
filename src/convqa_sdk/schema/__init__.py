"""The telemetry contract: the only place where a name on the wire is decided.

`vocabulary` declares the attributes, `spans`, `events`, `outcomes` and `changes` the records, `registry` finds them
by stage and key, `wire` converts both ways, and `documents` and `columns` derive the rest.
"""

from convqa_sdk.schema.attribute import SCHEMA_URL, SCHEMA_VERSION, SCOPE_NAME, Attribute

__all__ = ["SCHEMA_URL", "SCHEMA_VERSION", "SCOPE_NAME", "Attribute"]
