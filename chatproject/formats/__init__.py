"""Dates and times on pages that the server renders, by language."""
