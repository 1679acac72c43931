"""The support bot of Larch & Lantern, an invented shop for camping lanterns: a small bot with real parts.

It searches a knowledge base (BM25), looks up orders, streams answers of a model, checks them against policy, and hands
over to people. `bot` is the part to copy from: the pipeline, with each stage instrumented once.
"""
