"""The activation center."""
