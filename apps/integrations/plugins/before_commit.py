"""Asks plugins about messages before they are written, in threads and within a time limit.

A send waits for this, so it ends in `TIMEOUT_S` for all messages of a batch and all plugins. What a
plugin has not said by then is skipped, as if it had said nothing; so is a plugin that is paused, or
whose threads all hang. To be late is a failure only of a plugin that had much of the time: not of
one that came after a slow one, or behind many edits, with which people could have a filter paused.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from msgspec.structs import replace

from apps.chats.actions.validation import validate_text
from apps.chats.message_hooks import Decision, NewMessage
from apps.core.errors import Refused, RefusedByPlugin
from apps.core.metrics import PLUGIN_HOOKS
from apps.integrations.plugins.breaker import Breaker
from apps.integrations.plugins.contract import Change, Refuse
from apps.integrations.plugins.threads import BoundedThreads, place_of

logger = logging.getLogger(__name__)
TIMEOUT_S = 0.2
# A plugin that had this part of the time and is late is to blame.
OWN_PART = 0.5
# A plugin that takes this long for each message, in time, is slow: it is paused for that, too, once
# the slow calls of a minute add up. Many messages alone make no plugin slow.
SLOW_S = 0.05
MAX_REFUSAL = 300


class BeforeCommit:
    """The function of one plugin."""

    def __init__(self, name: str, ask: Callable[[NewMessage], Any], breaker: Breaker) -> None:
        self.name = name
        self._ask = ask
        self._breaker = breaker
        self._threads = BoundedThreads(f"plugin-{name}-before")

    def ask(self, messages: Sequence[NewMessage], until: float) -> list[Decision]:
        """A decision for each message, as far as the plugin made one until that time
        (`time.monotonic`)."""
        nothing: list[Decision] = [None] * len(messages)
        if not messages:
            return nothing
        if time.monotonic() >= until:
            self._count("late", len(messages))
            return nothing
        if not self._breaker.allows():
            self._count("skipped", len(messages))
            return nothing
        answers: list[tuple[str, Decision] | None] = [None] * len(messages)
        done, given_up = threading.Event(), threading.Event()

        def work() -> None:
            try:
                for i, message in enumerate(messages):
                    if given_up.is_set():
                        return
                    answers[i] = self._answer(message)
            finally:
                done.set()

        hangs = self._threads.all_hang(TIMEOUT_S)
        wait_s = 0.0 if hangs else max(0.0, until - time.monotonic())
        if not self._threads.start(work, wait_s=wait_s):
            if hangs:
                self._breaker.failed()
            self._count("skipped", len(messages))
            return nothing
        had_s = until - time.monotonic()
        began = time.monotonic()
        in_time = done.wait(max(0.0, had_s))
        took_s = time.monotonic() - began
        given_up.set()
        is_to_blame = not in_time and had_s >= OWN_PART * TIMEOUT_S
        slow_s = took_s if took_s >= SLOW_S * len(messages) else 0.0
        return self._judge(list(answers), in_time=in_time, is_to_blame=is_to_blame, slow_s=slow_s)

    def _judge(
        self,
        answers: list[tuple[str, Decision] | None],
        *,
        in_time: bool,
        is_to_blame: bool,
        slow_s: float,
    ) -> list[Decision]:
        outcomes = [each[0] if each else "late" for each in answers]
        for outcome in set(outcomes):
            self._count(outcome, outcomes.count(outcome))
        if not in_time:
            logger.warning("plugin %s: late with %d messages", self.name, outcomes.count("late"))
        if is_to_blame or "failed" in outcomes:
            self._breaker.failed()
        elif in_time:
            self._breaker.succeeded(slow_s=slow_s)
        return [each[1] if each else None for each in answers]

    def _answer(self, message: NewMessage) -> tuple[str, Decision]:
        try:
            return _decision(self._ask(message), message)
        except Exception as error:
            # Neither its text nor its trace: both may have words of the message.
            logger.warning("plugin %s: failed with %s", self.name, place_of(error))
            return "failed", None

    def _count(self, outcome: str, messages: int) -> None:
        PLUGIN_HOOKS.labels(self.name, outcome).inc(messages)


class AllBeforeCommit:
    """The functions of all plugins, in the order of PLUGINS: each sees the text as those before it
    have changed it, and no message that one of them refused."""

    def __init__(self, hooks: Sequence[BeforeCommit]) -> None:
        self._hooks = hooks

    def __call__(self, messages: Sequence[NewMessage]) -> Sequence[Decision]:
        """A decision for each message."""
        until = time.monotonic() + TIMEOUT_S
        current = list(messages)
        decisions: list[Decision] = [None] * len(current)
        for hook in self._hooks:
            open_ones = [i for i, one in enumerate(decisions) if not isinstance(one, Refused)]
            found = hook.ask([current[i] for i in open_ones], until)
            for i, decision in zip(open_ones, found, strict=True):
                if isinstance(decision, str):
                    current[i] = replace(current[i], text=decision)
                if decision is not None:
                    decisions[i] = decision
        return decisions


def _decision(answer: object, message: NewMessage) -> tuple[str, Decision]:
    """What was answered, for the metric, and the decision. Raises for an answer that is none."""
    match answer:
        case None:
            return "passed", None
        case Change(text=str(text)):
            if text == message.text:
                return "passed", None
            return "changed", validate_text(text)
        case Refuse(words=words):
            return "refused", RefusedByPlugin(str(words)[:MAX_REFUSAL])
    raise TypeError("not an answer of a hook")
