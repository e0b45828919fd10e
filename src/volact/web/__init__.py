"""The look that every page shares: templates, styles, components and icons for service, host and fleet."""
