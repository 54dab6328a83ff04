"""The use cases: the writer lane, reading, people and conversations."""
