"""Volact: volume activation for any software publisher."""
