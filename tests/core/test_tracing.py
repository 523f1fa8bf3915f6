"""Traces at the end of a process."""

import threading

from apps.core import tracing


def test_a_collector_that_does_not_answer_does_not_hold_the_end_of_a_process(monkeypatch):
    monkeypatch.setattr(tracing, "STOP_TIMEOUT_S", 0.01)
    answers, ended = threading.Event(), threading.Event()

    class Provider:
        def shutdown(self):
            answers.wait()
            ended.set()

    process = tracing.Tracing()
    process.on, process._provider = True, Provider()
    process.stop()
    assert not process.on
    assert not ended.is_set()
    answers.set()
    assert ended.wait(30)
    process.stop()
