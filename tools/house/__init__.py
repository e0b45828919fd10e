"""House rules that no ready-made linter knows: each is one function from a source to its findings."""
