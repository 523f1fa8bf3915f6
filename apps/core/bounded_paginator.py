"""Pages of a list in the admin whose number is not counted beyond a bound."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.utils.functional import cached_property

MAX_COUNTED = 1_000


class BoundedPaginator(Paginator):  # type: ignore[type-arg]  # a type only for checkers
    """Counts up to MAX_COUNTED rows, so that a list of millions opens as fast as a short one. Later
    rows are reached by searching and filtering."""

    object_list: "QuerySet[Any, Any]"

    @cached_property
    def count(self) -> int:
        """The number of rows, at most MAX_COUNTED."""
        # Without an order: the rows are only counted.
        return self.object_list.order_by()[:MAX_COUNTED].count()
