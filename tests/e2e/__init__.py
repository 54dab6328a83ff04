"""The whole running product."""
