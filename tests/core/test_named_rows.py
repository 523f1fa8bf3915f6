"""`select_list`: rows by name."""

from typing import NamedTuple

import pytest

from apps.core.named_rows import select_list


class Pair(NamedTuple):
    first: int
    second: str


def test_the_select_list_follows_the_fields_of_the_row():
    assert select_list(Pair, second="b", first="a + 1") == "a + 1 AS first,\n    b AS second"


@pytest.mark.parametrize("expressions", [{"first": "a"}, {"first": "a", "second": "b", "c": "c"}])
def test_missing_and_unknown_columns_are_refused(expressions):
    with pytest.raises(TypeError, match="Pair and its select list differ in"):
        select_list(Pair, **expressions)
