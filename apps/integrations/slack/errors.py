"""What is said to programs that post to Slack.

Source: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks#handling_errors
and https://api.slack.com/changelog/2016-05-17-changes-to-errors-for-incoming-webhooks; of a
`response_url` https://docs.slack.dev/interactivity/handling-user-interaction
"""

# By word, the HTTP status that Slack sends with it.
STATUSES = {
    "invalid_payload": 400,
    "no_text": 400,
    "invalid_blocks": 400,
    "too_many_attachments": 400,
    "invalid_token": 403,
    "action_prohibited": 403,
    "no_service": 404,
    "no_active_hooks": 404,
    "channel_not_found": 404,
    "expired_url": 404,
    "used_url": 404,
    "channel_is_archived": 410,
    "payload_too_large": 413,
    "rate_limited": 429,
    "rollup_error": 500,
}


class SlackError(Exception):
    """A payload is refused with one of these words. `retry_after`: when it may be sent again, in
    seconds."""

    def __init__(self, word: str, *, retry_after: float | None = None) -> None:
        super().__init__(word)
        self.word = word
        self.retry_after = retry_after

    @property
    def status(self) -> int:
        """The HTTP status."""
        return STATUSES[self.word]
