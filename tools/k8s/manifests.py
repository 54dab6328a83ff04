"""Render overlays by kubectl and validate them against Kubernetes' own schemas."""

import re
import subprocess
import sysconfig
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from kubernetes_validate import utils
from referencing import Registry, Resource

ROOT = Path(__file__).parents[2]
K8S = ROOT / "deploy" / "k8s"
OVERLAYS = ("dev", "prod")
VERSIONS = ("1.34", "1.37")
# Kinds of operators, whose schemas no wheel has. tests/test_manifests.py looks at each of them.
CUSTOM = {("postgresql.cnpg.io/v1", "Cluster")}

Manifest = dict[str, Any]


def kubectl() -> str:
    """Return the kubectl that the wheel installed."""
    return str(Path(sysconfig.get_path("scripts")) / "kubectl")


def render(overlay: Path) -> list[Manifest]:
    """Return what `kubectl apply -k` would send.

    Raises:
        subprocess.CalledProcessError: kustomize refuses; it has said why on stderr.
    """
    text = subprocess.run(
        [kubectl(), "kustomize", str(overlay)], check=True, capture_output=True, text=True
    ).stdout
    return [manifest for manifest in yaml.load_all(text, yaml.CSafeLoader) if manifest]


def findings(manifests: list[Manifest], version: str) -> list[str]:
    """Return what is wrong by the schema of a Kubernetes version: unknown fields and kinds too.

    The schemas are kubernetes-validate's, its strict ones; they are read once here and not for each
    object, which takes a tenth of the time.
    """
    found: list[str] = []
    for manifest in manifests:
        try:
            validator = _validator(manifest["apiVersion"], manifest["kind"], version)
        except FileNotFoundError:
            if (manifest["apiVersion"], manifest["kind"]) not in CUSTOM:
                found.append(f"{name_of(manifest)}: unknown kind {manifest['apiVersion']}")
            continue
        found += [
            f"{name_of(manifest)}: {error.message} at {error.json_path}"
            for error in validator.iter_errors(manifest)
        ]
    return found


def validates(manifests: list[Manifest], version: str, scratch: Path) -> bool:
    """Ask `kubernetes-validate --strict` itself; it prints what it finds."""
    whole = scratch / "manifests.yaml"
    whole.write_text(yaml.safe_dump_all(manifests))
    tool = Path(sysconfig.get_path("scripts")) / "kubernetes-validate"
    command = [tool, "--strict", "--quiet", "--kubernetes-version", version, whole]
    return subprocess.run(command, check=False).returncode == 0


@cache
def _validator(api_version: str, kind: str, version: str) -> Draft202012Validator:
    # apps/v1 → apps-v1, networking.k8s.io/v1 → networking-v1: how the schemas' files are named.
    api = re.sub(r"^([^./]*)(?:\.[^/]*)?/", r"\1-", api_version)
    schema = _schema(f"{kind.lower()}-{api}", version)
    return Draft202012Validator(schema, registry=_definitions(version))


@cache
def _definitions(version: str) -> Registry:
    return Resource.from_contents(_schema("_definitions", version)) @ Registry()


def _schema(name: str, version: str) -> Manifest:
    newest = [v for v in utils.all_versions() if utils.major_minor(v) == version][-1]
    folder = f"kubernetes-json-schema/v{newest}-local-strict"
    return utils.schema_contents(f"{folder}/{name}.json", version)


def name_of(manifest: Manifest) -> str:
    """Return kind and name of a manifest."""
    return f"{manifest['kind']}/{manifest['metadata']['name']}"
