"""Chat with one person from a terminal.

    pip install httpx websockets
    PARLEY_PASSWORD=... python chat.py http://127.0.0.1:8000 alice bob

Every line that you type is sent; messages of the chat are printed. What is not acknowledged is kept
and sent again after a reconnect: the `client_id` makes that safe.
"""

import asyncio
import getpass
import json
import os
import random
import sys
import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx
import websockets
from websockets.asyncio.client import ClientConnection, connect

Event = dict[str, Any]
MAX_PAUSE_S = 30


class Account:
    """A signed-in app: its tokens, and requests with them."""

    def __init__(self, site: str, username: str, password: str) -> None:
        self.site = site
        self._http = httpx.Client(base_url=f"{site}/api/v1/", timeout=30)
        body = {"username": username, "password": password, "device_name": "Terminal"}
        self._tokens = self._http.post("tokens", json=body).raise_for_status().json()
        self.me: Event = self.request("GET", "me")

    def request(self, method: str, path: str, **more: Any) -> Any:
        """The body of the response. Raises httpx.HTTPStatusError for a refusal."""
        answer = self._send(method, path, more)
        if answer.status_code == 401:
            self.refresh()
            answer = self._send(method, path, more)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def refresh(self) -> None:
        """Exchange the refresh token, which works once, for new tokens."""
        body = {"refresh_token": self._tokens["refresh_token"]}
        self._tokens = self._http.post("tokens/refresh", json=body).raise_for_status().json()

    def sign_out(self) -> None:
        """End the tokens."""
        self.request("DELETE", "session")

    def connect(self) -> connect:
        """A socket with the access token. It carries chats, contacts and everything else."""
        address = self.site.replace("http", "ws", 1) + "/ws"
        headers = {"Authorization": f"Bearer {self._tokens['access_token']}"}
        return connect(address, additional_headers=headers, max_size=None)

    def _send(self, method: str, path: str, more: dict[str, Any]) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._tokens['access_token']}"}
        return self._http.request(method, path, headers=headers, **more)


class Conversation:
    """One chat: what was shown of it, and what is not acknowledged yet."""

    def __init__(self, account: Account, username: str) -> None:
        self._account = account
        found = account.request("GET", "people", params={"q": username})["items"]
        people = {item["person"]["username"]: item["person"] for item in found}
        if username not in people:
            raise SystemExit(f"There is no {username}.")
        self.other = people[username]
        chat = account.request("POST", "chats/direct", json={"person": self.other["id"]})
        self.id = chat["id"]
        self._shown = 0
        self._unsent: dict[str, Event] = {}

    def type(self, text: str) -> Event:
        """Keep a text until it is acknowledged. Returns the command that sends it."""
        client_id = str(uuid.uuid4())
        command = {"type": "send", "ref": client_id, "chat": self.id}
        self._unsent[client_id] = {**command, "client_id": client_id, "text": text}
        return self._unsent[client_id]

    def unsent(self) -> list[Event]:
        """The commands to repeat on a new connection, in order."""
        return list(self._unsent.values())

    def catch_up(self) -> None:
        """Print what is newer than what was shown."""
        path = f"chats/{self.id}/messages"
        after = {"after": self._shown} if self._shown else {}
        while True:
            page = self._account.request("GET", path, params={"limit": 50, **after})
            for message in page["items"]:
                self.show(message)
            if not page["items"] or self._shown >= page["last_seq"]:
                return
            after = {"after": self._shown}

    def apply(self, event: Event) -> None:
        """Take an event: print a new message, forget an acknowledged one."""
        if event["type"] == "message" and event["chat"] == self.id:
            if event["message"]["seq"] == self._shown + 1:
                self.show(event["message"])
            elif event["message"]["seq"] > self._shown:
                self.catch_up()
        elif event["type"] == "ack":
            self._unsent.pop(event["ref"], None)
        elif event["type"] == "error" and event["code"] not in ("rate_limited", "unavailable"):
            self._unsent.pop(event.get("ref") or "", None)
            print(f"! {event['detail']}", flush=True)

    def show(self, message: Event) -> None:
        """Print one entry."""
        self._shown = max(self._shown, message["seq"])
        mine = message["sender"] == self._account.me["id"]
        name = self._account.me["name"] if mine else self.other["name"]
        text = "(deleted)" if message.get("deleted") else message["text"]
        print(f"{name or self.other['username']}: {text or message['kind']}", flush=True)


async def events(socket: ClientConnection) -> AsyncIterator[Event]:
    """All events of a connection: a frame has one, or several."""
    async for frame in socket:
        found = json.loads(frame)
        for event in found if isinstance(found, list) else [found]:
            yield event


async def converse(account: Account, chat: Conversation, lines: "asyncio.Queue[str]") -> None:
    """One connection, from the resume until it ends."""
    async with account.connect() as socket:
        # Without cursors the server sends the current state; this client needs none of it, and
        # reads the chat's history over HTTP.
        await socket.send(json.dumps({"type": "resume", "ref": "resume"}))

        async def send_lines() -> None:
            while True:
                await socket.send(json.dumps(chat.type(await lines.get())))

        sender = None
        try:
            async for event in events(socket):
                if event["type"] == "synced" and sender is None:
                    await asyncio.to_thread(chat.catch_up)
                    for command in chat.unsent():
                        await socket.send(json.dumps(command))
                    sender = asyncio.create_task(send_lines())
                chat.apply(event)
        finally:
            if sender is not None:
                sender.cancel()


async def main(site: str, username: str, other: str) -> None:
    """Chat until the input ends."""
    password = os.environ.get("PARLEY_PASSWORD") or getpass.getpass()
    account = Account(site, username, password)
    chat = Conversation(account, other)
    lines: asyncio.Queue[str] = asyncio.Queue()
    live = asyncio.create_task(stay_connected(account, chat, lines))
    while line := await asyncio.to_thread(sys.stdin.readline):
        if line.strip():
            lines.put_nowait(line.strip())
    while not lines.empty() or chat.unsent():
        await asyncio.sleep(0.1)
    live.cancel()
    account.sign_out()


async def stay_connected(account: Account, chat: Conversation, lines: "asyncio.Queue[str]") -> None:
    """Connect again whenever a connection ends, after growing pauses."""
    pause = 1.0
    while True:
        try:
            await converse(account, chat, lines)
            pause = 1.0
        except (OSError, websockets.WebSocketException, httpx.TransportError) as error:
            print(f"! {error}", flush=True)
        await asyncio.sleep(pause * random.uniform(0.5, 1))
        pause = min(MAX_PAUSE_S, pause * 2)
        await asyncio.to_thread(account.refresh)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
