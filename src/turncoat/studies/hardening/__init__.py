"""Hardening: a `Plan`, its parts that are each done once, and what it gained and cost."""
