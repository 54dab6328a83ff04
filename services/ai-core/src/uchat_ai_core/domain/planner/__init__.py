"""The rule-based planner: a grammar that understands, a memory that recalls, answers that cite."""
