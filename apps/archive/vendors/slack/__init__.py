"""Reads a Slack export: a ZIP file or folder with `users.json`, `channels.json`, `groups.json`,
`dms.json`, `mpims.json`, and a folder of JSON files by day for each conversation.

Source: https://slack.com/help/articles/220556107-How-to-read-Slack-data-exports and
https://docs.slack.dev/reference/events/message
"""

from apps.archive.vendors.slack.reader import read, workspace

__all__ = ["read", "workspace"]
