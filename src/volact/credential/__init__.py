"""Bytes become signed documents and back, by pure functions: keys, signatures, product keys, proofs, claims."""
