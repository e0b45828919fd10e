"""Measures what the issues and the contract ask for; every figure is of this run, on this machine."""
