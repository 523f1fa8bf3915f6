"""What tests of gathered sends and receipts share."""

import time
from queue import Queue


class Outcomes:
    """Submits requests by name, and collects their outcomes and durations."""

    def __init__(self, gatherer):
        self._gatherer = gatherer
        self._done = Queue()
        self.outcomes = {}
        self.took = {}

    def submit(self, **requests):
        """Submit all at once, so that they form one or two batches."""
        self._began = time.monotonic()
        for name, request in requests.items():
            self._gatherer.submit(request, self._done.put, name)
        return self

    def wait_for(self, *names):
        """Wait for these outcomes, and return them."""
        while not self.outcomes.keys() >= set(names):
            for name, outcome in self._done.get(timeout=30):
                assert name not in self.outcomes, "resolved twice"
                self.outcomes[name] = outcome
                self.took[name] = time.monotonic() - self._began
        return [self.outcomes[name] for name in names]
