"""Reads the payloads that programs post to Slack."""
