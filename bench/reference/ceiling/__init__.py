"""The ceiling of a fan-out: an ASGI application that accepts sockets and writes frames."""
