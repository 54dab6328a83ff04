"""What the sequencer counts."""

from prometheus_client import Counter, Histogram

APPENDED = Counter("uchat_sessions_entries_total", "Entries appended", ["way"])
OUTCOMES = Counter("uchat_sessions_outcomes_total", "What became of proposals", ["status", "code"])
BATCH_SIZE = Histogram(
    "uchat_sessions_append_batch_size",
    "Messages of one transaction of the writer lane",
    buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256),
)
APPEND_SECONDS = Histogram(
    "uchat_sessions_append_seconds",
    "From taking a batch to its commit",
    buckets=(0.001, 0.002, 0.003, 0.005, 0.008, 0.012, 0.02, 0.05, 0.1, 0.5, 2, 10),
)
CURSOR_LOST = Counter("uchat_sessions_cas_lost_total", "Cursors that another owner had moved")
RETRIED = Counter("uchat_sessions_append_retried_total", "Transactions tried again", ["code"])
DEAD = Counter("uchat_sessions_dead_letters_total", "Messages put aside for good", ["code"])
RELAYED = Counter("uchat_sessions_relayed_total", "Announcements that the relay made")
RING = Counter("uchat_sessions_ring_total", "Reads answered from the ring or not", ["hit"])
