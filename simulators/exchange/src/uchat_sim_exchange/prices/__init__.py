"""Where prices come from: a seeded walk, a file that is played, or a real exchange's public API."""
