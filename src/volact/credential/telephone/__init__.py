"""Codes that are read out over the telephone: an installation ID one way, a confirmation ID back (spec C-13).

groups         numbers in groups, each with a check symbol of its own
installation   installation IDs: which key, which computer, and that the whole key is there
confirmation   confirmation IDs: a signature over the installation ID and what it may be used for
keys           telephone keys, public and signing
curve          BLS12-381, the one place that knows the library of the extra `phone`
"""
