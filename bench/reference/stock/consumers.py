"""The consumer: inserts a message, sends it to the group, acknowledges it."""

from typing import Any

from channels.generic.websocket import AsyncJsonWebsocketConsumer

from bench.reference.stock.models import Chat, Message


class ChatConsumer(AsyncJsonWebsocketConsumer):
    """A socket of a signed-in person, in the groups of their chats."""

    async def connect(self) -> None:
        """Refuse anonymous users; join the groups."""
        self.user = self.scope["user"]
        if not self.user.is_authenticated:
            await self.close()
            return
        self.chats = [f"chat-{pk}" async for pk in _chats_of(self.user.pk)]
        for group in self.chats:
            await self.channel_layer.group_add(group, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        """Leave the groups."""
        for group in self.chats:
            await self.channel_layer.group_discard(group, self.channel_name)

    async def receive_json(self, content: dict[str, Any], **_: Any) -> None:
        """Handle `resume` or `send`, in the form of the product."""
        if content["type"] == "resume":
            await self.send_json({"type": "synced"})
            return
        message = await Message.objects.acreate(
            chat_id=content["chat"],
            sender=self.user,
            client_id=content["client_id"],
            text=content["text"],
        )
        await self.channel_layer.group_send(
            f"chat-{message.chat_id}", {"type": "chat.message", "event": _event(message)}
        )
        await self.send_json({"type": "ack", "ref": content["ref"], "seq": message.pk})

    async def chat_message(self, event: dict[str, Any]) -> None:
        """Forward a message of the group."""
        await self.send_json(event["event"])


def _chats_of(user: int) -> Any:
    return Chat.objects.filter(people=user).values_list("pk", flat=True)


def _event(message: Message) -> dict[str, Any]:
    return {
        "type": "message",
        "chat": str(message.chat_id),
        "rev": message.pk,
        "message": {
            "seq": message.pk,
            "rev": message.pk,
            "kind": "text",
            "sender": str(message.sender_id),
            "client_id": message.client_id,
            "text": message.text,
            "at": message.created_at.isoformat(),
        },
    }
