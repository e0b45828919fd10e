"""The SDK and the agent of one computer: they drive the flows and keep the files of one home."""
