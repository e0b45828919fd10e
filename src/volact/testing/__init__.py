"""Fakes good enough to ship to publishers: a clock, a publisher with its service, a host, a network, and hostile ones.

    clock = FakeClock()
    publisher = FakePublisher(catalog, clock=clock)
    network = FakeNetwork({"http://service": publisher, "http://host": FakeHost(publisher, group="tracer-9")})

They sign real credentials with keys of their own, and a client cannot tell them from the real ones.
`volact.testing.telephone` has an activation center, for those who have the extra `phone`.
"""

from volact.testing.clock import DAY, FakeClock
from volact.testing.host import FakeHost
from volact.testing.network import FakeNetwork, Hostile, Unplugged
from volact.testing.publisher import FakeKey, FakePublisher

__all__ = ["DAY", "FakeClock", "FakeHost", "FakeKey", "FakeNetwork", "FakePublisher", "Hostile", "Unplugged"]
