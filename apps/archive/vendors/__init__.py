"""Converts the exports of other chat servers into archives of Parley (`apps.archive.records`)."""
