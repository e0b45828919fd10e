"""The device API of the service, without a framework on the hot path."""
