"""The settings a user can change."""
