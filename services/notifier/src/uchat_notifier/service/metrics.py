"""What the notifier counts."""

from typing import Final

from prometheus_client import Counter, Histogram

QUEUED: Final = Counter("uchat_notifier_deliveries_total", "Deliveries made", ["interface", "kind"])
SENT: Final = Counter("uchat_notifier_sent_total", "Deliveries put on the bus", ["interface"])
REPORTED: Final = Counter("uchat_notifier_reported_total", "What adapters said", ["status"])
FETCHED: Final = Counter("uchat_notifier_fetched_total", "Logs read for missing entries", ["why"])
RETRIED: Final = Counter("uchat_notifier_retried_total", "Steps tried again", ["code"])
CURSOR_LOST: Final = Counter("uchat_notifier_cas_lost_total", "Cursors that others had moved")
DEAD: Final = Counter("uchat_notifier_dead_letters_total", "Entries put aside", ["code"])
DELAY: Final = Histogram(
    "uchat_notifier_delay_seconds",
    "From an entry to its delivery on the bus",
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2, 10, 60),
)
