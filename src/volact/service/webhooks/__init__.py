"""Webhooks on their way: which targets are allowed, how a body is signed, when it is tried again, who sends it."""
