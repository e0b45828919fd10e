"""The organization's tool for many computers at once: inventory, actions in bulk, proxy bundles and reports."""
