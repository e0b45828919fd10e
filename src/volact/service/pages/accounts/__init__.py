"""Accounts: signing in by django-allauth, invitations, people and their roles, a member's own settings."""
