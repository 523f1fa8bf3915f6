"""Static files, a page, and the few API paths that a client needs."""

import asyncio
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

from apps.wire import bodies
from apps.wire.codec import encode
from tests.realtime_client.scripted.chat import ScriptedChat
from tests.realtime_client.scripted.world import World

STATIC = Path(__file__).parents[3] / "static"
# The most entries of a page.
MOST = 100
PAGE = """<!doctype html><title>client</title>
<body data-person="{person}" data-release="{release}" data-csrf="token of {person}">"""


class Http(World):
    """GET requests."""

    async def _http(self, scope: Any, send: Any) -> None:
        path = scope["path"]
        kind, status, content, caching = "application/json", 200, b"{}", "no-store"
        if path.startswith("/static/"):
            # /static/<release>/...: two releases are two addresses of the same files.
            file = STATIC / path.removeprefix("/static/").split("/", 1)[1]
            kind, content = "text/javascript", file.read_bytes()
            caching = "max-age=3600, immutable"
        elif path.startswith("/page/"):
            person, release = path.removeprefix("/page/").split("/")
            kind = "text/html"
            content = PAGE.format(person=person, release=release).encode()
        elif self.down:
            status = 503
        else:
            status, answer = self._api(scope)
            if self.before_page_leaves and scope["path"].endswith("/messages"):
                meanwhile, self.before_page_leaves = self.before_page_leaves, None
                await asyncio.to_thread(meanwhile)
                # The socket's frame is sent first; the response follows it.
                await asyncio.sleep(0.2)
            content = answer.encode()
        headers = [(b"content-type", kind.encode()), (b"cache-control", caching.encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    def _api(self, scope: Any) -> tuple[int, str]:
        parts = scope["path"].removeprefix("/api/v1/").split("/")
        person = self._who(scope)
        if person is None:
            return 401, '{"code": "signed_out"}'
        if parts == ["me"]:
            return 200, encode(self._me(person))
        if parts[0] != "chats":
            return 404, '{"code": "not_found"}'
        chat = self.chats.get(UUID(parts[1]))
        if chat is None or person not in {one.id for one in chat.people}:
            return 404, '{"code": "not_found"}'
        query = scope["query_string"].decode()
        self.gets.append(f"{scope['path']}?{query}")
        if self.pages_fail and parts[2:] == ["messages"]:
            return 503, "{}"
        return 200, self._of_chat(chat, person, parts[2:], query)

    def _of_chat(self, chat: ScriptedChat, reader: UUID, parts: list[str], query: str) -> str:
        if parts == ["messages"]:
            return self._page(chat, parse_qs(query))
        if parts[:1] == ["messages"]:
            return encode(chat.messages[int(parts[1]) - 1])
        if parts == ["members"]:
            here, gone = (
                ",".join(encode(one) for one in chat.members() if one.left is left)
                for left in (False, True)
            )
            return f'{{"items": [{here}], "former": [{gone}]}}'
        if parts == ["positions"]:
            items = [
                bodies.Position(
                    person=one.id,
                    read=chat.read.get(one.id, 0),
                    delivered=chat.delivered.get(one.id, 0),
                )
                for one in chat.people
            ]
            return f'{{"items": [{",".join(map(encode, items))}]}}'
        return encode(chat.seen_by(self.people[reader]))

    def _page(self, chat: ScriptedChat, query: dict[str, list[str]]) -> str:
        limit = min(int(query["limit"][0]), MOST)
        found = [m for m in chat.messages if m.seq >= chat.kept_from]
        if "before" in query:
            found = [m for m in found if m.seq < int(query["before"][0])][-limit:]
        elif "after" in query:
            found = [m for m in found if m.seq > int(query["after"][0])][:limit]
        elif "around" in query:
            first = max(0, int(query["around"][0]) - limit // 2)
            found = found[first : first + limit]
        elif "on" in query:
            day = query["on"][0]
            index = next(
                (i for i, m in enumerate(found) if m.at.date().isoformat() >= day), len(found)
            )
            found = found[max(0, index - limit // 2) :][:limit]
        else:
            found = found[-limit:]
        items = ",".join(map(encode, found))
        return f'{{"items": [{items}], "last_seq": {len(chat.messages)}, "rev": {chat.rev}}}'
