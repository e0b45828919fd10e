"""The activation host of an organization: it counts computers and gives leases."""
