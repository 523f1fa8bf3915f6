"""Reads a Mattermost bulk export: a ZIP file or folder with a JSONL file, and files in `data/`.

Source: https://docs.mattermost.com/onboard/bulk-loading-data-format.html and
`server/channels/app/imports/import_types.go` of mattermost/mattermost
"""

from apps.archive.vendors.mattermost.reader import read, workspace

__all__ = ["read", "workspace"]
