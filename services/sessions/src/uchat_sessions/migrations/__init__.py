"""The schema `sessions`, as revisions that `uchat migrate` runs."""
