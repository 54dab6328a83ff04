"""Nothing of an account is sent before it was compared with its venue since the start."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from uchat_execution.domain.accounts import Account
from uchat_execution.domain.orders import Order
from uchat_execution.ports.store import Facts


@dataclass(slots=True)
class Gate:
    """Lets orders of an account through. `soon` has an account compared at once.

    Times are the database's. What begins is a process, or (by a restore) the books themselves.
    Without anybody who compares (no `soon`) it stands open.
    """

    soon: Callable[[str], None] | None
    since: datetime | None = field(default=None, init=False)
    restored: datetime | None = field(default=None, init=False)

    def opens(self, since: datetime, restored: datetime | None) -> None:
        """Note from when on an account has to have been compared, and when books were restored."""
        self.since, self.restored = since, restored

    def lets(self, account: Account, facts: Facts) -> bool:
        """Tell whether orders of an account may be sent; if not, it is compared soon.

        An account that was opened since then has nothing that could be unknown.
        """
        if self.soon is None:
            return True
        if self.since is not None and self.knows(facts):
            compared = facts.reconciled_at is not None and facts.reconciled_at >= self.since
            if compared or account.opened_at >= self.since:
                return True
        self.soon(account.account)
        return False

    def knows(self, facts: Facts) -> bool:
        """Tell whether the books are those that this process knows, not restored ones."""
        if self.soon is None:
            return True
        return self.since is not None and facts.same_life and facts.restored_at == self.restored

    def doubts(self, facts: Facts, proposed_at: datetime, order: Order) -> bool:
        """Tell whether an order that waits may have been sent by books that were lost."""
        if self.soon is None:
            return False
        if not self.knows(facts):
            return True
        return self.restored is not None and proposed_at < self.restored and order.epoch == 0
