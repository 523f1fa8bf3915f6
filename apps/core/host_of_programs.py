"""Answers programs that ask a process by its address: Prometheus, and the probes of Kubernetes.

They ask each process, whose address is no name of the server, and cannot send another `Host`.
"""

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, HTTPScope

from apps.core.static_files import Application

# They say nothing about anybody.
PROBES = {"/livez", "/readyz"}
# Only with a token: without one they answer every program of this machine, and the name is what
# keeps a page of another website from that (DNS rebinding).
FIGURES = {"/metrics", "/healthz"}


class HostOfPrograms:
    """An ASGI application that passes requests to `application`: those of programs with the host
    `name` in place of the address that they asked."""

    def __init__(self, application: Application, *, name: str) -> None:
        self._application = application
        self._name = name.encode()

    async def __call__(
        self, scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable
    ) -> None:
        """Pass the request on."""
        if _is_of_program(scope):
            others = [(name, value) for name, value in scope["headers"] if name != b"host"]
            scope["headers"] = [*others, (b"host", self._name)]
        await self._application(scope, receive, send)


def _is_of_program(scope: HTTPScope) -> bool:
    path = scope["path"]
    if path in FIGURES:
        return any(
            name == b"authorization" and value.startswith(b"Bearer ")
            for name, value in scope["headers"]
        )
    return path in PROBES
