"""`python -m bench.load.arriving`: a load process of devices that connect, stay and leave."""

from typing import Any

import msgspec

from bench.load.returning import ReturningDevice, arrive
from bench.people import Person
from chatproject.load.endpoint import Endpoint
from chatproject.load.fleet import serve


class Arriving:
    """The devices of one load process."""

    def __init__(self) -> None:
        self._devices: list[ReturningDevice] = []

    async def do(self, order: dict[str, Any]) -> dict[str, int]:
        """Do what `do` says, for all devices or for those from `start` to `end`. Returns how many
        of all are connected, and how many of them at their first attempt."""
        some = self._devices[order.get("start", 0) : order.get("end")]
        match order["do"]:
            case "prepare":
                endpoint = msgspec.convert(order["endpoint"], Endpoint)
                people = msgspec.convert(order["people"], list[Person])
                self._devices = [ReturningDevice(endpoint, person) for person in people]
            case "arrive" if some:
                await arrive(some, at_once=order["at_once"])
            case "leave":
                for device in some:
                    device.cut()
            case "forget":
                for device in some:
                    device.forget()
        return {
            "connected": sum(device.connected for device in self._devices),
            "sound": sum(
                device.connected and device.attempts == device.arrivals for device in self._devices
            ),
        }


if __name__ == "__main__":
    serve(Arriving().do)
