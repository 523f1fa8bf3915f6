"""Tests of the product, by package. Fixtures and helpers are annotated; test functions are not: the
names of their arguments are the names of fixtures."""
