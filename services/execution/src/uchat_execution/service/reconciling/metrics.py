"""What reconciliation counts."""

from typing import Final

from prometheus_client import Counter, Gauge

ROUNDS: Final = Counter(
    "uchat_execution_reconcile_rounds", "Comparisons of an account with its venue", ["result"]
)
IMPORTED: Final = Counter(
    "uchat_execution_imported", "What was done at the venue by hand and is in the books", ["kind"]
)
ADOPTED: Final = Counter(
    "uchat_execution_adopted_orders", "Orders of which the venue had to tell what became of them"
)
DUE: Final = Gauge("uchat_execution_reconcile_due", "Accounts that wait for their comparison")
LATE: Final = Gauge("uchat_execution_reconcile_late_seconds", "How long the first of them waits")
DRIFTED: Final = Counter(
    "uchat_execution_drifts", "Accounts whose venue has other balances than the books"
)
