"""Make every Secret that the manifests name, from keys that a directory keeps."""

import json
from pathlib import Path
from urllib.parse import quote

from tools.k8s.manifests import Manifest

from uchat_platform.embedded.dsn import service_dsn
from uchat_platform.embedded.nats import NatsUser, user_entry
from uchat_platform.rights import SERVICES as NATS_USERS
from uchat_platform.rights import permissions
from uchat_stack.layout import Layout
from uchat_stack.secrets import JETSTREAM, OWNER, VALKEY, ensure

SERVICES = ("gateway", "sessions", "ai-core", "execution", "notifier", "telegram")
# The simulator takes any token that looks like one.
SIMULATED_TOKEN = "123456:simulated"  # noqa: S105 - no secret
_ROUTE = "nats_route"
_PLACE = "postgres-rw:5432/uchat"
# Which private files a service gets beside its seed and everybody's public keys.
_OWN_FILES = {"sessions": ("kek",), "gateway": ("jwt.json",), "execution": ("paper", "mandate")}
_USE_VALKEY = ("gateway", "sessions")


def secrets(keys: Path, namespace: str, nats_servers: int, token: str = "") -> list[Manifest]:
    """Return all Secrets; what is missing in `keys` is made there first, the rest stays as it is.

    `nats_servers`: 1 or 3, as the overlay has them. `token`: of the Telegram bot; without one the
    adapter is idle.
    """
    layout = Layout(keys)
    layout.create()
    schemas = [_schema(service) for service in SERVICES]
    held = ensure(layout, NATS_USERS, [*schemas, _ROUTE])
    passwords = held.passwords
    owner = f"postgresql://postgres:{quote(passwords[OWNER])}@{_PLACE}"
    found = [_service(service, layout, owner, passwords, token) for service in SERVICES]
    manifests = [secret for pair in found for secret in pair]
    manifests += [
        _secret(
            "venues-keys",
            {
                "service_keys.json": layout.service_keys.read_text(),
                "venues": layout.venue_key.read_text(),
            },
        ),
        _secret("migrate-env", {"UCHAT_OWNER_DSN": owner}),
        _secret("migrate-keys", {"passwords.json": json.dumps({s: passwords[s] for s in schemas})}),
        _secret("provision-keys", {"seed": layout.seed("provisioner").read_text()}),
        _secret(
            "postgres-owner",
            {"username": "postgres", "password": passwords[OWNER]},
            "kubernetes.io/basic-auth",
        ),
        _secret("nats-config", {"nats.conf": nats_conf(held.public_keys, passwords, nats_servers)}),
        _secret("valkey-config", {"valkey.conf": _VALKEY.format(password=passwords[VALKEY])}),
    ]
    for manifest in manifests:
        manifest["metadata"]["namespace"] = namespace
    return manifests


def nats_conf(public_keys: dict[str, str], passwords: dict[str, str], servers: int) -> str:
    """Return the configuration of one NATS server, or of each of a cluster."""
    users: list[str] = []
    for service, key in public_keys.items():
        allowed = permissions(service)
        users.append(user_entry(NatsUser(key, allowed.publish, allowed.subscribe)))
    conf = _NATS.format(key=json.dumps(passwords[JETSTREAM]), users="\n".join(users))
    if servers == 1:
        return conf
    route = passwords[_ROUTE]
    routes = "\n".join(
        f"    nats-route://route:{route}@nats-{n}.nats-peers:6222" for n in range(servers)
    )
    return conf + _CLUSTER.format(route=json.dumps(route), routes=routes)


def _service(
    service: str, layout: Layout, owner: str, passwords: dict[str, str], token: str
) -> tuple[Manifest, Manifest]:
    schema = _schema(service)
    own = {
        "kek": layout.kek,
        "jwt.json": layout.jwt_keys,
        "paper": layout.paper_secret,
        "mandate": layout.mandate_key,
    }
    files = {"seed": layout.seed(service), "service_keys.json": layout.service_keys}
    files |= {name: own[name] for name in _OWN_FILES.get(service, ())}
    told = {"UCHAT_POSTGRES_DSN": service_dsn(owner, schema, passwords[schema])}
    if service in _USE_VALKEY:
        told["UCHAT_VALKEY_URL"] = f"redis://:{passwords[VALKEY]}@valkey:6379/0"
    if service == "telegram":
        told["UCHAT_TELEGRAM_TOKEN"] = token
    keys = _secret(f"{service}-keys", {name: path.read_text() for name, path in files.items()})
    return keys, _secret(f"{service}-env", told)


def _schema(service: str) -> str:
    return service.replace("-", "_")


def _secret(name: str, data: dict[str, str], kind: str = "Opaque") -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "labels": {"app.kubernetes.io/part-of": "uchat"}},
        "type": kind,
        "stringData": data,
    }


_NATS = """\
server_name: $POD_NAME
listen: 0.0.0.0:4222
http: 8222
pid_file: /tmp/nats.pid
max_payload: 1MB
write_deadline: "10s"
lame_duck_duration: 30s
lame_duck_grace_period: 5s
jetstream {{
  store_dir: /data
  # An acknowledged write has reached the disk, also when the machine loses power.
  sync_interval: "always"
  cipher: chachapoly
  key: {key}
  max_mem: 64MB
  max_file: 16GB
}}
authorization {{
  users: [
{users}
  ]
}}
"""
_CLUSTER = """\
cluster {{
  name: uchat
  listen: 0.0.0.0:6222
  authorization {{ user: route, password: {route} }}
  routes: [
{routes}
  ]
}}
"""
_VALKEY = """\
bind 0.0.0.0 -::
port 6379
requirepass {password}
save ""
appendonly no
dir /data
maxmemory 256mb
maxmemory-policy volatile-lru
shutdown-on-sigterm nosave now
"""
