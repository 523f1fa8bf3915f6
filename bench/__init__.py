"""Benchmarks: `python -m bench` measures the product beside the stock way and the bare ceiling.

Rows, targets and the manner of measuring are written down in docs/performance.md.
"""
