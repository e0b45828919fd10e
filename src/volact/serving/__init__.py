"""The lean ASGI door, the group commit and the running of it, which service and host share."""
