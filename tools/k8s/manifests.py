"""Render overlays by kubectl and validate them against Kubernetes' own schemas."""

import subprocess
import sysconfig
from pathlib import Path
from typing import Any

import kubernetes_validate
import yaml

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
    """Return what is wrong by the schema of a Kubernetes version: unknown fields and kinds too."""
    found: list[str] = []
    for manifest in manifests:
        try:
            kubernetes_validate.validate(manifest, version, strict=True)
        except kubernetes_validate.ValidationError as e:
            found.append(f"{name_of(manifest)}: {e.message} at {list(e.path)}")
        except kubernetes_validate.SchemaNotFoundError:
            if (manifest["apiVersion"], manifest["kind"]) not in CUSTOM:
                found.append(f"{name_of(manifest)}: unknown kind {manifest['apiVersion']}")
    return found


def name_of(manifest: Manifest) -> str:
    """Return kind and name of a manifest."""
    return f"{manifest['kind']}/{manifest['metadata']['name']}"
