"""Why a server closes a connection: WebSocket close codes (RFC 6455, 7.4; 4000-4999 are ours)."""

from enum import IntEnum


class CloseCode(IntEnum):
    """The client's right reaction stands beside each code."""

    RESTARTING = 1012  # reconnect, spread over the next seconds
    PROTOCOL = 4400  # a frame that is no command: reload, the client is out of date
    SIGNED_OUT = 4401  # go to the sign-in page
    NO_RESUME = 4408  # `resume` did not come in time: reconnect
    TOO_SLOW = 4413  # did not read what was sent: reconnect and resume
    TOO_MANY = 4429  # far beyond the limits: reconnect after a minute
