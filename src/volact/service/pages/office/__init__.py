"""The publisher's back office."""
