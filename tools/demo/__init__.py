"""The whole story with real processes: a publisher, an organization, its host, thirty computers."""
