"""Who gets what: pure decisions over what one transaction has read, one request after the other in arrival order."""
