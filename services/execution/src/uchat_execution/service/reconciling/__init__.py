"""Compares accounts with their venue and takes into the books what was done there by hand."""
