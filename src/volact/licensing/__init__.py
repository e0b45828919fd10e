"""The rules of the trade as pure functions over values: it knows no bytes and no signatures."""
