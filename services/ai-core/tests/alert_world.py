"""A small book of alerts behind the brain's port."""

from datetime import UTC, datetime

from uchat_contracts.trading import Alert, DigestSettings
from uchat_platform.errors import NotFoundError

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class AlertBook:
    """Mixed into the account; `_asked` is the account's, which may be away."""

    kept: list
    daily: DigestSettings

    async def set_alert(self, actor, request, op_id):
        self._asked(actor, f"set_alert {op_id.partition(':')[0]}")
        alert = Alert(
            **dict(request), alert_id=f"alt_{len(self.kept) + 1}", user_id=actor.person_id, rev=1,
            state="armed", text=f"{request.symbol or 'Portfolio'} {request.kind}", created_at=AT,
            created_via=actor.interface,
        )  # fmt: skip
        self.kept.append(alert)
        return alert

    async def alerts(self, actor):
        self._asked(actor, "alerts")
        return list(self.kept)

    async def snooze_alert(self, actor, alert_id, until):
        self._asked(actor, f"snooze {alert_id}")
        state = "snoozed" if until else "armed"
        return self._one(alert_id).model_copy(update={"state": state, "snoozed_until": until})

    async def delete_alert(self, actor, alert_id):
        self._asked(actor, f"delete {alert_id}")
        alert = self._one(alert_id)
        self.kept.remove(alert)
        return alert.model_copy(update={"state": "deleted"})

    async def digest(self, actor):
        self._asked(actor, "digest")
        return self.daily

    async def set_digest(self, actor, settings):
        self._asked(actor, "set_digest")
        self.daily = settings
        return settings

    def _one(self, alert_id):
        for alert in self.kept:
            if alert.alert_id == alert_id:
                return alert
        raise NotFoundError("There is no such alert (any more)", code="alert_not_found")
