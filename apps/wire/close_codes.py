"""Why the server closes a connection: WebSocket close codes (RFC 6455, 7.4; 4000-4999 are ours)."""

from enum import IntEnum


class CloseCode(IntEnum):
    """The comment on each code says how a client reacts."""

    RESTARTING = 1012  # reconnect, spread over the next seconds
    PROTOCOL = 4400  # a frame was no command: reload, the client is out of date
    SIGNED_OUT = 4401  # go to the sign-in page
    NO_RESUME = 4408  # `resume` did not come in time: reconnect
    TOO_SLOW = 4413  # the client did not read fast enough: reconnect and resume
    TOO_MANY = 4429  # far beyond the limits: reconnect after a minute
