"""Benchmarks: `python -m bench` compares the product with two references.

`stock` is a chat as Channels tutorials write it; `ceiling` is a bare ASGI application that only
echoes. docs/performance.md describes rows, targets and methods.
"""
