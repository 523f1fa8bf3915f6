"""Sizes of files for people, in the units of limits and quotas."""

from django import template
from django.utils import formats

register = template.Library()
UNITS = ("B", "kB", "MB", "GB", "TB")


@register.filter
def size(value: int) -> str:
    """`1.5 MB`, in the notation of the reader's language: as `sizeText` in static/files."""
    amount, unit = float(value), 0
    while amount >= 999.5 and unit < len(UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    decimals = 1 if unit > 1 and amount < 9.95 and round(amount, 1) % 1 else 0
    return (
        f"{formats.number_format(round(amount, decimals), decimals)}\N{NO-BREAK SPACE}{UNITS[unit]}"
    )
