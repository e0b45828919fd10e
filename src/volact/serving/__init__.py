"""How a program of ours answers on the network: one lean door, one group commit, one way to run and to stop."""
