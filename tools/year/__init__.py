"""A year of a made-up publisher: three organizations, their agreements, keys, hosts and 40,000 activations.

All of it goes the way it would have gone: acts by the use cases, requests that devices signed through the device API,
one day after the other, by a clock that moves. So the record holds, and `volact service audit verify` says so.
"""
