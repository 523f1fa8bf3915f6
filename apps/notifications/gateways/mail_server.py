"""Sends digests to the mail server (`EMAIL_URL`)."""

import logging
from contextlib import suppress
from enum import Enum, auto
from smtplib import SMTPException, SMTPRecipientsRefused
from types import TracebackType
from typing import Self

from django.core.mail import EmailMessage, get_connection

from apps.core.outage_log import OutageLog

logger = logging.getLogger(__name__)
mail_outages = OutageLog(logger, "The mail server", of="other")
# For each wait; `chatproject.smtp` limits all of them together.
TIMEOUT_S = 5
PERMANENT = range(500, 600)
# Enhanced status codes of this class are about policy: the server refuses us, not the address
# (RFC 3463, 3.8).
POLICY = b"5.7."


class MailResult(Enum):
    """What became of a mail. LATER: this one failed; AWAY: so would all others now; REFUSED: the
    server does not take mail to the address, and never will."""

    SENT = auto()
    LATER = auto()
    AWAY = auto()
    REFUSED = auto()


class MailServer:
    """A context in which several mails go over one connection, which opens with the first mail."""

    def __init__(self) -> None:
        self._connection = get_connection(timeout=TIMEOUT_S)

    def __enter__(self) -> Self:
        """Opens nothing yet."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connection."""
        self._close()

    def send(self, mail: EmailMessage) -> MailResult:
        """Hand a mail to one address to the server. Ends within about a minute."""
        try:
            self._connection.open()
        except (OSError, SMTPException) as error:
            mail_outages.failed(error)
            self._close()
            return MailResult.AWAY
        mail_outages.recovered()
        try:
            self._connection.send_messages([mail])
        except SMTPRecipientsRefused as error:
            [(code, answer)] = error.recipients.values()
            # smtplib has reset the session, so others can be sent over it.
            refused = code in PERMANENT and not answer.startswith(POLICY)
            return MailResult.REFUSED if refused else MailResult.LATER
        except (OSError, SMTPException):
            logger.warning("the mail server does not take a digest", exc_info=True)
            self._close()
            return MailResult.LATER
        return MailResult.SENT

    def _close(self) -> None:
        with suppress(OSError, SMTPException):
            self._connection.close()
