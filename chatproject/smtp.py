"""Mails over SMTP, each within a time limit as a whole."""

import io
import smtplib
import socket
import time
from typing import TYPE_CHECKING, Any

from django.core.mail.backends import smtp

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

# To open a connection and sign in, and again for each mail. EMAIL_TIMEOUT is for each wait alone:
# a server that sends a byte now and then would hold a worker without end.
LIMIT_S = 30.0


class _Replies(io.RawIOBase):
    """What the server sends, read until `connection.until`. Reads raise TimeoutError after that."""

    def __init__(self, sock: socket.socket, connection: "_Limited") -> None:
        self._sock = sock
        self._connection = connection

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Wait for bytes. Writing has its own limit: `sendall` counts all of it."""
        left = self._connection.until - time.monotonic()
        if left <= 0:
            raise TimeoutError(f"the mail server has not finished within {LIMIT_S:.0f} s")
        each = self._sock.gettimeout()
        self._sock.settimeout(left if each is None else min(left, each))
        try:
            return self._sock.recv_into(buffer)
        finally:
            self._sock.settimeout(each)


class _Limited(smtplib.SMTP):
    until: float

    def __init__(self, *args: Any, **options: Any) -> None:
        self.until = time.monotonic() + LIMIT_S
        super().__init__(*args, **options)

    def getreply(self) -> tuple[int, bytes]:
        """As smtplib reads it, which opens the file itself only if there is none."""
        if self.file is None and self.sock is not None:
            self.file = io.BufferedReader(_Replies(self.sock, self))
        return super().getreply()

    def login(self, *args: Any, **options: Any) -> Any:
        """Sign in. Raises SMTPException for what smtplib cannot encode, as for what is refused:
        callers go on without the mail."""
        try:
            return super().login(*args, **options)
        except UnicodeError:
            # Not its cause, whose repr has the password.
            raise smtplib.SMTPException(
                "the user or the password of EMAIL_URL has letters other than ASCII"
            ) from None

    def sendmail(self, *args: Any, **options: Any) -> Any:
        """Send a mail, whose time begins now."""
        self.until = time.monotonic() + LIMIT_S
        return super().sendmail(*args, **options)


class _LimitedTls(_Limited, smtplib.SMTP_SSL):
    pass


class EmailBackend(smtp.EmailBackend):
    """Django's, with connections that end within LIMIT_S."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        """Of plain SMTP, with STARTTLS or without; or of TLS from the first byte."""
        return _LimitedTls if self.use_ssl else _Limited
