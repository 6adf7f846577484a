"""Ensembles as one victim: which to attack, searched for on a transfer matrix, and how far their texts carry."""
