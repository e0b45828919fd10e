"""The organization's tool for many computers: requests of a folder as one bundle, and their answers back into it."""
