"""Select lists made from named tuples, so that columns are read by name and never by number."""

from typing import NamedTuple


def select_list(row: type[NamedTuple], **expressions: str) -> str:
    """The select list for rows of type `row`: the SQL expression of each field, named like it.

    Build each row with `row._make(values)`. Select list and tuple have the same order because both
    follow the fields. Raises TypeError, at import, when expressions and fields differ.
    """
    if set(expressions) != set(row._fields):
        differing = sorted(set(expressions) ^ set(row._fields))
        raise TypeError(f"{row.__name__} and its select list differ in {', '.join(differing)}")
    return ",\n    ".join(f"{expressions[name]} AS {name}" for name in row._fields)
