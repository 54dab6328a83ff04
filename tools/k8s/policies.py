"""What schemas do not say: pods are restricted, names fit together, every server can be reached."""

from collections.abc import Iterator
from typing import Any

from tools.k8s.manifests import Manifest, name_of

_WORKLOADS = ("Deployment", "StatefulSet", "Job")
_USES = "uchat.dev/uses-"


def broken(manifests: list[Manifest], secrets: dict[str, set[str]]) -> list[str]:
    """Return every rule that the manifests break; `secrets` are the keys by Secret that exist."""
    rules = (_restricted, _watched, _has_budget, _is_fenced, _selects)
    found = [line for rule in rules for line in rule(manifests)]
    return found + list(_refers(manifests, secrets))


def pods(manifests: list[Manifest]) -> Iterator[tuple[Manifest, Manifest]]:
    """Yield each workload with its pod template."""
    for manifest in manifests:
        if manifest["kind"] in _WORKLOADS:
            yield manifest, manifest["spec"]["template"]


def containers(pod: Manifest) -> list[dict[str, Any]]:
    """Return all containers of a pod."""
    return [*pod["spec"].get("initContainers", []), *pod["spec"]["containers"]]


def _restricted(manifests: list[Manifest]) -> Iterator[str]:
    """Pod Security Standards, level restricted, and beyond."""
    for workload, pod in pods(manifests):
        spec, name = pod["spec"], name_of(workload)
        context = spec.get("securityContext", {})
        if not context.get("runAsNonRoot") or not context.get("runAsUser"):
            yield f"{name}: runs as root"
        if context.get("seccompProfile", {}).get("type") != "RuntimeDefault":
            yield f"{name}: no seccomp profile"
        if spec.get("automountServiceAccountToken", True):
            yield f"{name}: has a token of the API server"
        for container in containers(pod):
            own = container.get("securityContext", {})
            if own.get("allowPrivilegeEscalation", True) or not own.get("readOnlyRootFilesystem"):
                yield f"{name}/{container['name']}: can write its root or gain rights"
            if own.get("capabilities", {}).get("drop") != ["ALL"]:
                yield f"{name}/{container['name']}: keeps capabilities"
            if ":" not in container["image"]:
                yield f"{name}/{container['name']}: image without a tag"


def _watched(manifests: list[Manifest]) -> Iterator[str]:
    """Each container says what it needs; each server can be probed, by a port that it has."""
    for workload, pod in pods(manifests):
        for container in containers(pod):
            name = f"{name_of(workload)}/{container['name']}"
            for bound in ("requests", "limits"):
                if set(container.get("resources", {}).get(bound, {})) != {"cpu", "memory"}:
                    yield f"{name}: no {bound}"
        if workload["kind"] == "Job":
            continue
        for container in pod["spec"]["containers"]:
            ports = {port["name"] for port in container["ports"]}
            for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
                how = container.get(probe)
                if how is None:
                    yield f"{name_of(workload)}: no {probe}"
                elif how.get("httpGet", how.get("tcpSocket", {})).get("port", "") not in {
                    *ports,
                    "",
                }:
                    yield f"{name_of(workload)}: {probe} of a port that is not there"


def _has_budget(manifests: list[Manifest]) -> Iterator[str]:
    budgets = [
        each["spec"]["selector"]["matchLabels"].items()
        for each in manifests
        if each["kind"] == "PodDisruptionBudget"
    ]
    for workload, pod in pods(manifests):
        labels = pod["metadata"]["labels"].items()
        if workload["kind"] != "Job" and not any(budget <= labels for budget in budgets):
            yield f"{name_of(workload)}: no PodDisruptionBudget"


def _is_fenced(manifests: list[Manifest]) -> Iterator[str]:
    """All is denied; whoever uses a server has the label, and both ends allow it."""
    policies = {
        each["metadata"]["name"]: each for each in manifests if each["kind"] == "NetworkPolicy"
    }
    denied = policies.get("default-deny", {}).get("spec", {})
    if denied.get("podSelector") != {} or denied.get("policyTypes") != ["Ingress", "Egress"]:
        yield "NetworkPolicy/default-deny: does not deny everything"
    for workload, pod in pods(manifests):
        for label in pod["metadata"]["labels"]:
            if label.startswith(_USES):
                server = label.removeprefix(_USES)
                for policy in (f"to-{server}", f"uses-{server}"):
                    if policy not in policies:
                        yield f"{name_of(workload)}: there is no NetworkPolicy {policy}"


def _selects(manifests: list[Manifest]) -> Iterator[str]:
    """Services and policies select pods that exist, Services by ports that these have."""
    templates = [pod for _, pod in pods(manifests)]
    clusters = [each for each in manifests if each["kind"] == "Cluster"]
    for manifest in manifests:
        if manifest["kind"] == "Service":
            wanted = manifest["spec"]["selector"].items()
            chosen = [pod for pod in templates if wanted <= pod["metadata"]["labels"].items()]
            if not chosen:
                yield f"{name_of(manifest)}: selects nothing"
            named = {
                port["name"]
                for pod in chosen
                for container in pod["spec"]["containers"]
                for port in container.get("ports", [])
            }
            for port in manifest["spec"]["ports"]:
                if port["targetPort"] not in named:
                    yield f"{name_of(manifest)}: nobody has the port {port['targetPort']}"
        elif manifest["kind"] == "NetworkPolicy":
            wanted = manifest["spec"]["podSelector"].get("matchLabels", {}).items()
            of_cluster = bool(clusters) and any(key == "cnpg.io/cluster" for key, _ in wanted)
            if not of_cluster and not any(
                wanted <= pod["metadata"]["labels"].items() for pod in templates
            ):
                yield f"{name_of(manifest)}: selects nothing"
        elif manifest["kind"] == "HorizontalPodAutoscaler":
            target = manifest["spec"]["scaleTargetRef"]
            known = {(w["kind"], w["metadata"]["name"]): w for w, _ in pods(manifests)}
            scaled = known.get((target["kind"], target["name"]))
            if scaled is None or "replicas" in scaled["spec"]:
                yield f"{name_of(manifest)}: scales nothing, or fights a number of replicas"


def _refers(manifests: list[Manifest], secrets: dict[str, set[str]]) -> Iterator[str]:
    """Secrets and ConfigMaps that pods name exist, with the keys that they name."""
    maps = {each["metadata"]["name"] for each in manifests if each["kind"] == "ConfigMap"}
    for workload, pod in pods(manifests):
        name = name_of(workload)
        for volume in pod["spec"].get("volumes", []):
            if "secret" in volume and volume["secret"]["secretName"] not in secrets:
                yield f"{name}: nobody makes the Secret {volume['secret']['secretName']}"
        for container in containers(pod):
            for source in container.get("envFrom", []):
                if source.get("secretRef", {}).get("name", "") not in {*secrets, ""}:
                    yield f"{name}: nobody makes the Secret {source['secretRef']['name']}"
                if source.get("configMapRef", {}).get("name", "") not in {*maps, ""}:
                    yield f"{name}: there is no ConfigMap {source['configMapRef']['name']}"
            for variable in container.get("env", []):
                key = variable.get("valueFrom", {}).get("secretKeyRef")
                if key and key["key"] not in secrets.get(key["name"], set()):
                    yield f"{name}: nobody makes {key['key']} of the Secret {key['name']}"
            yield from _copies(name, pod, container, secrets)


def _copies(
    name: str, pod: Manifest, container: dict[str, Any], secrets: dict[str, set[str]]
) -> Iterator[str]:
    wanted = [
        word.removeprefix("/secrets/")
        for word in [*container.get("command", []), *container.get("args", [])]
        if word.startswith("/secrets/")
    ]
    mounted = [v["secret"]["secretName"] for v in pod["spec"].get("volumes", []) if "secret" in v]
    there = {key for secret in mounted for key in secrets.get(secret, set())}
    for key in wanted:
        if key not in there:
            yield f"{name}: nobody makes the key {key!r} that {container['name']} copies"
