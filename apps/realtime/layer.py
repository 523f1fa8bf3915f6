"""The channel layer of channels-redis, with subscriptions to many groups in one command."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from channels_redis.pubsub import RedisPubSubChannelLayer


class BatchChannelLayer(RedisPubSubChannelLayer):  # type: ignore[misc]  # it has no types
    """Adds batch versions of `group_add` and `group_discard`, which send one command per group, and
    of `group_send`, which waits for each: a process that starts while many people are connected has
    hundreds of thousands of groups.

    Uses private names of the pinned channels-redis; tests/realtime/test_relay.py fails if they
    change.
    """

    async def groups_add(self, groups: Iterable[str], channel: str) -> None:
        """As `group_add` for each of `groups`. Raises when Redis is unavailable."""
        layer: Any = self._get_layer()
        names = [layer._get_group_channel_name(group) for group in groups]
        for name in names:
            layer.groups.setdefault(name, set()).add(channel)
        for shard, part in _by_shard(layer, names):
            async with shard._lock:
                new = [name for name in part if name not in shard._subscribed_to]
                if new:
                    shard._ensure_redis()
                    shard._ensure_receiver()
                    await shard._pubsub.subscribe(*new)
                    shard._subscribed_to.update(new)

    async def groups_send(self, messages: Mapping[str, dict[str, Any]]) -> None:
        """As `group_send` for the message of each group. Raises when Redis is unavailable."""
        layer: Any = self._get_layer()
        named = {layer._get_group_channel_name(group): each for group, each in messages.items()}
        for shard, part in _by_shard(layer, named):
            async with shard._lock:
                shard._ensure_redis()
                async with shard._redis.pipeline(transaction=False) as pipeline:
                    for name in part:
                        pipeline.publish(name, self.serialize(named[name]))
                    await pipeline.execute()

    async def groups_discard(self, groups: Iterable[str], channel: str) -> None:
        """As `group_discard` for each of `groups`. Raises when Redis is unavailable."""
        layer: Any = self._get_layer()
        names = [layer._get_group_channel_name(group) for group in groups]
        for name in names:
            layer.groups.get(name, set()).discard(channel)
        unused = [name for name in names if not layer.groups.get(name)]
        for shard, part in _by_shard(layer, unused):
            async with shard._lock:
                old = [name for name in part if name in shard._subscribed_to]
                if old:
                    shard._ensure_redis()
                    shard._ensure_receiver()
                    await shard._pubsub.unsubscribe(*old)
                    shard._subscribed_to.difference_update(old)
        for name in unused:
            layer.groups.pop(name, None)


def _by_shard(layer: Any, names: Iterable[str]) -> Iterator[tuple[Any, list[str]]]:
    parts: defaultdict[Any, list[str]] = defaultdict(list)
    for name in names:
        parts[layer._get_shard(name)].append(name)
    yield from parts.items()
