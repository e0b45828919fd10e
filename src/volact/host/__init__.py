"""The activation host: one process, one port, one folder.

records    the values that a host keeps and tells
ports      the seams: lease book, clock, network
store      the only SQL: the database file, its settings, keys, certificates
store_book what was answered and counted
store_view what status, page and metrics read
vault      device keys, and the check of a request's signature
state      what a host may serve at a moment, as a value
leases     the use case behind every answer: judge, count, record
machine    who this host is, and its platform
setup      init, install-key, update from a file
upstream   activate, renew, refresh: what is said to the publisher's service
overview   one count for command line, page and metrics
upkeep     what a running host does by itself
config api page metrics gate journal app    the running program
"""
