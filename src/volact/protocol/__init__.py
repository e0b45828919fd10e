"""What is said between the parties, and when it is believed: pure messages, flows, trust and problems."""
