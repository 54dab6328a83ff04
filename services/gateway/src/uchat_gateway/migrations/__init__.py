"""The schema `gateway`; run by `uchat migrate` alone."""
