"""A real mail server (SMTP), which keeps what it accepts."""

import email
import email.policy
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from tests.support.ports import free_port

OK = "250 OK"


class MailServer:
    """Answers RCPT and DATA as `at_address` and `at_content` say; `mails` are what it accepted."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.connections = 0
        self.at_address: Callable[[str], str] = lambda address: OK
        self.at_content: Callable[[], str] = lambda: OK
        self.port = free_port()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    async def handle_EHLO(
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if (answer := self.at_address(address)) == OK:
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if (answer := self.at_content()) == OK:
            mail = email.message_from_bytes(envelope.content, policy=email.policy.SMTP)
            mail["X-To"] = ",".join(envelope.rcpt_tos)
            self.mails.append(mail)
        return answer

    def end(self) -> None:
        """Stop listening, and end all connections."""
        self._controller.stop()


@pytest.fixture
def mail_server(settings: Any) -> Iterator[MailServer]:
    """The server that this process sends its mails to."""
    server = MailServer()
    settings.EMAIL_BACKEND = "chatproject.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    yield server
    server.end()
