"""Reads a Zulip export: a `.tar.gz` file or folder with `realm.json`, `messages-000001.json` …,
`attachment.json` and `uploads/`.

Each topic of a channel becomes a thread, whose first message begins with the name of the topic.

Source: https://zulip.readthedocs.io/en/stable/production/export-and-import.html and
`zerver/lib/export.py` of zulip/zulip
"""

from apps.archive.vendors.zulip.reader import read, workspace

__all__ = ["read", "workspace"]
