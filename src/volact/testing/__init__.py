"""Fakes good enough to ship to publishers: a clock, a machine, a host and a service in memory."""
