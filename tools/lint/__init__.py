"""Rules of this repository that no ready linter knows, as small checks of the syntax tree."""
