"""NATS, Postgres and Valkey of one run: their ports, files and secrets."""

import secrets as random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from uchat_platform.embedded.dsn import service_dsn
from uchat_platform.embedded.nats import NatsServer, NatsUser
from uchat_platform.embedded.postgres import PostgresServer
from uchat_platform.embedded.process import Spec
from uchat_platform.embedded.valkey import ValkeyServer
from uchat_platform.rights import permissions
from uchat_stack.layout import Layout
from uchat_stack.secrets import JETSTREAM, OWNER, VALKEY, Secrets
from uchat_stack.services import SCHEMAS


@dataclass(frozen=True, slots=True)
class Servers:
    """The three servers; each run gives them fresh ports."""

    nats: NatsServer
    postgres: PostgresServer
    valkey: ValkeyServer

    @classmethod
    def of(cls, layout: Layout, held: Secrets, ports: Sequence[int]) -> "Servers":
        """Describe the servers of a run on three free ports."""
        return cls(
            NatsServer(
                # New for each run, so that a server that answers by this name is this run's.
                server_name=f"uchat-{random.token_hex(8)}",
                port=ports[0],
                store=layout.jetstream,
                config=layout.run / "nats.conf",
                log=layout.log("nats"),
                cipher_key=held.passwords[JETSTREAM],
                users=_users(held.public_keys),
            ),
            PostgresServer(
                data=layout.postgres,
                port=ports[1],
                password=held.passwords[OWNER],
                log=layout.log("postgres"),
            ),
            ValkeyServer(
                port=ports[2],
                password=held.passwords[VALKEY],
                config=layout.run / "valkey.conf",
                log=layout.log("valkey"),
            ),
        )

    async def specs(self) -> list[Spec]:
        """Write the configurations, make the cluster if there is none; return how to run each.

        Raises:
            StartError: the cluster could not be made.
        """
        return [self.nats.spec(), await self.postgres.prepare(), self.valkey.spec()]

    def service_dsns(self, held: Secrets) -> dict[str, str]:
        """Return with which address each service reaches its own schema."""
        owner = self.postgres.dsn()
        return {schema: service_dsn(owner, schema, held.passwords[schema]) for schema in SCHEMAS}


def _users(public_keys: Mapping[str, str]) -> list[NatsUser]:
    users: list[NatsUser] = []
    for service, key in public_keys.items():
        allowed = permissions(service)
        users.append(NatsUser(key, allowed.publish, allowed.subscribe))
    return users
