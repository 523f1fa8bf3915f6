"""Tests fork processes of the product, which must be as if they had been executed."""

import json
import os
import sys
from dataclasses import replace

import pytest

from chatproject.run.data_dir import CHECKOUT
from chatproject.run.service import Service
from tests.support.forked_sample import NAME
from tests.support.forks import Forked, can_fork
from tests.support.processes import Process

SAMPLE = Service(
    name="sample",
    command=(sys.executable, "-m", "tests.support.forked_sample", "--word"),
    environment={NAME: "its own"},
    cwd=CHECKOUT,
    ready_option="--ready-fd",
)


def started(service: Service) -> dict:
    """What the process of `service` was started with."""
    process = Process(service)
    process.launch(says_ready=True)
    assert isinstance(process._process, Forked) == can_fork(service)
    with os.fdopen(process._ready) as ready:
        found = json.load(ready)
    assert process.wait(30) == 3
    assert process.wait(30) == 3
    process.drain()  # it has ended, so that nothing gets the signal
    assert process.log == "a line of its log\n"
    process.remove()
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is forked")
def test_a_forked_process_starts_as_an_executed_one(monkeypatch):
    monkeypatch.setenv("HOME", "/changed after the fork server started")
    forked = started(SAMPLE)
    executed = started(replace(SAMPLE, preexec_fn=lambda: None))
    assert forked.pop("libraries")
    assert not executed.pop("libraries")
    assert len(forked["open"]) == 4
    # The number of the pipe differs.
    assert forked.pop("open")[:3] == executed.pop("open")[:3]
    assert forked.pop("argv") == ["--word", "--ready-fd"] == executed.pop("argv")
    assert forked.pop("parent") == os.getpid() == executed.pop("parent")
    assert forked == executed
    assert forked["readers"] == []


def test_a_killed_fork_reports_its_signal():
    process = Process(replace(SAMPLE, command=(sys.executable, "-m", "http.server", "0")))
    process.launch()
    process.kill9()
    assert process.wait(30) == -9
    process.remove()
