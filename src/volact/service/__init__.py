"""The publisher's side: it issues keys, activates hosts and computers, and keeps the record."""
