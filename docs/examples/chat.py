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
        credentials = {"username": username, "password": password, "device_name": "Terminal"}
        self._take_tokens("tokens", credentials)
        self.me: Event = self.request("GET", "me")

    def request(self, method: str, path: str, **more: Any) -> Any:
        """The body of the response. Raises httpx.HTTPStatusError for a refusal."""
        answer = self._http.request(method, path, **more)
        if answer.status_code == 401:
            self.refresh()
            answer = self._http.request(method, path, **more)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def refresh(self) -> None:
        """Exchange the refresh token, which works once, for new tokens."""
        self._take_tokens("tokens/refresh", {"refresh_token": self._refresh_token})

    def connect(self) -> connect:
        """A socket with the access token. It carries chats, contacts and everything else."""
        address = self.site.replace("http", "ws", 1) + "/ws"
        headers = {"Authorization": self._http.headers["Authorization"]}
        return connect(address, additional_headers=headers, max_size=None)

    def _take_tokens(self, path: str, body: Event) -> None:
        tokens = self._http.post(path, json=body).raise_for_status().json()
        self._refresh_token = tokens["refresh_token"]
        self._http.headers["Authorization"] = f"Bearer {tokens['access_token']}"


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
        self.all_sent = asyncio.Event()
        self.all_sent.set()

    def type(self, text: str) -> None:
        """Keep a text until it is acknowledged."""
        id_ = str(uuid.uuid4())
        command = {"type": "send", "ref": id_, "chat": self.id, "client_id": id_, "text": text}
        self._unsent[id_] = command
        self.all_sent.clear()

    def unsent(self) -> list[Event]:
        """The commands to repeat on a new connection, in order."""
        return list(self._unsent.values())

    def catch_up(self) -> None:
        """Print what is newer than what was shown; at first, the newest messages."""
        params = {"limit": 50} | ({"after": self._shown} if self._shown else {})
        page = self._account.request("GET", f"chats/{self.id}/messages", params=params)
        for message in page["items"]:
            self.show(message)
        if page["items"] and self._shown < page["last_seq"]:
            self.catch_up()

    async def apply(self, event: Event) -> None:
        """Take an event: print a new message, forget an acknowledged one."""
        if event["type"] == "message" and event["chat"] == self.id:
            if event["message"]["seq"] == self._shown + 1:
                self.show(event["message"])
            elif event["message"]["seq"] > self._shown:
                await asyncio.to_thread(self.catch_up)
        elif event["type"] == "ack":
            self._forget(event["ref"])
        elif event["type"] == "error":
            if event["code"] in ("rate_limited", "unavailable"):
                raise OSError(event["detail"])  # connect again after a pause, and repeat
            self._forget(event.get("ref") or "")
            print(f"! {event['detail']}", flush=True)

    def _forget(self, ref: str) -> None:
        self._unsent.pop(ref, None)
        if not self._unsent:
            self.all_sent.set()

    def show(self, message: Event) -> None:
        """Print one entry."""
        self._shown = max(self._shown, message["seq"])
        mine = message["sender"] == self._account.me["id"]
        person = self._account.me if mine else self.other
        text = "(deleted)" if message.get("deleted") else message["text"]
        print(f"{person['name'] or person['username']}: {text or message['kind']}", flush=True)


async def converse(account: Account, chat: Conversation, lines: "asyncio.Queue[str]") -> None:
    """One connection, from the resume until it ends."""
    async with account.connect() as socket:
        # Without cursors; what was missed is read over HTTP.
        await socket.send(json.dumps({"type": "resume", "ref": "resume"}))
        sender = None
        try:
            async for frame in socket:
                found = json.loads(frame)  # an event, or an array of them
                for event in found if isinstance(found, list) else [found]:
                    if event["type"] == "synced":
                        await asyncio.to_thread(chat.catch_up)
                        sender = asyncio.create_task(send_lines(socket, chat, lines))
                    await chat.apply(event)
        finally:
            if sender is not None:
                sender.cancel()


async def send_lines(
    socket: ClientConnection, chat: Conversation, lines: "asyncio.Queue[str]"
) -> None:
    """Send what was not acknowledged, then each line that is typed: one at a time, in order."""
    while True:
        for command in chat.unsent():
            await socket.send(json.dumps(command))
        await chat.all_sent.wait()
        chat.type(await lines.get())
        lines.task_done()


async def stay_connected(account: Account, chat: Conversation, lines: "asyncio.Queue[str]") -> None:
    """Connect again whenever a connection ends, after growing pauses."""
    pause = 1.0
    while True:
        try:
            await converse(account, chat, lines)
            pause = 1.0
        except websockets.InvalidStatus as error:
            if error.response.status_code == 401:
                await asyncio.to_thread(account.refresh)
        except (OSError, websockets.WebSocketException, httpx.TransportError) as error:
            print(f"! {error}", flush=True)
        await asyncio.sleep(pause * random.uniform(0.5, 1))
        pause = min(MAX_PAUSE_S, pause * 2)


async def read_lines(lines: "asyncio.Queue[str]", chat: Conversation) -> None:
    """Read lines until the input ends, and wait until all are acknowledged."""
    while line := await asyncio.to_thread(sys.stdin.readline):
        if line.strip():
            lines.put_nowait(line.strip())
    await lines.join()
    await chat.all_sent.wait()


async def main(site: str, username: str, other: str) -> None:
    """Chat until the input ends."""
    password = os.environ.get("PARLEY_PASSWORD") or getpass.getpass()
    account = Account(site, username, password)
    chat = Conversation(account, other)
    lines: asyncio.Queue[str] = asyncio.Queue()
    live = asyncio.create_task(stay_connected(account, chat, lines))
    typed = asyncio.create_task(read_lines(lines, chat))
    [done, _] = await asyncio.wait({live, typed}, return_when=asyncio.FIRST_COMPLETED)
    live.cancel()
    for task in done:
        task.result()  # raises what ended the connection for good
    account.request("DELETE", "session")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
