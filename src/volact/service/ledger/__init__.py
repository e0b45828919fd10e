"""Keys, activations, agreements and audit on record: the only place of the service that speaks SQL."""
