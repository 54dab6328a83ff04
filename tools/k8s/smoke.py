"""Apply the development overlay to a cluster, tell the story there, delete everything again."""

import asyncio
import contextlib
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import yaml
from tools.k8s import images, story
from tools.k8s.manifests import K8S, kubectl
from tools.k8s.secrets import SIMULATED_TOKEN, secrets

NAMESPACE = "uchat"
_PATIENCE_S = 600


def run(kubeconfig: Path, registry: str, tag: str) -> None:
    """Try the product on the cluster of a kubeconfig; its namespace `uchat` is deleted at the end.

    Raises:
        subprocess.CalledProcessError: the cluster refuses, or something does not get ready.
        AssertionError: the story went otherwise.
    """
    base = [kubectl(), f"--kubeconfig={kubeconfig}"]
    if _exists(base):
        raise SystemExit(f"The namespace {NAMESPACE!r} exists there already: this would delete it")
    with tempfile.TemporaryDirectory() as scratch:
        try:
            _apply(base, Path(scratch), registry, tag)
            _wait(base)
            with (
                _forwarded(base, "service/gateway", 80) as gateway,
                _forwarded(base, "service/telegram-simulator", 8001) as telegram,
                _forwarded(base, "pod/exchange-0", 8002) as exchange,
            ):
                asyncio.run(story.tell(gateway, telegram, exchange))
        finally:
            _kubectl(base, "delete", "namespace", NAMESPACE, "--ignore-not-found", "--wait")
    print("The story went as it should, and everything is deleted again")


def _exists(base: list[str]) -> bool:
    asked = subprocess.run(
        [*base, "get", "namespace", NAMESPACE, "--ignore-not-found", "-o", "name"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return bool(asked.stdout.strip())


def _apply(base: list[str], scratch: Path, registry: str, tag: str) -> None:
    _kubectl(base, "create", "namespace", NAMESPACE)
    made = yaml.safe_dump_all(
        secrets(scratch / "keys", NAMESPACE, nats_servers=1, token=SIMULATED_TOKEN)
    )
    _kubectl(base, "apply", "-f", "-", text=made)
    overlay = scratch / "overlay"
    overlay.mkdir()
    kustomization = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": [str(Path("..") / "k8s" / "overlays" / "dev")],
        "images": [
            {
                "name": f"uchat/{image.name}",
                "newName": f"{registry.rstrip('/')}/{image.name}",
                "newTag": tag,
            }
            for image in images.IMAGES
        ],
    }
    # kustomize follows no absolute paths: the manifests stand beside the overlay by a link.
    (scratch / "k8s").symlink_to(K8S, target_is_directory=True)
    (overlay / "kustomization.yaml").write_text(yaml.safe_dump(kustomization))
    _kubectl(base, "apply", "-k", str(overlay))


def _wait(base: list[str]) -> None:
    limit = f"--timeout={_PATIENCE_S}s"
    _kubectl(base, "-n", NAMESPACE, "wait", "--for=condition=complete", "job", "--all", limit)
    for kind in ("statefulset", "deployment"):
        names = subprocess.run(
            [*base, "-n", NAMESPACE, "get", kind, "-o", "name"],
            check=True, capture_output=True, text=True,
        ).stdout.split()  # fmt: skip
        for name in names:
            _kubectl(base, "-n", NAMESPACE, "rollout", "status", name, limit)


@contextlib.contextmanager
def _forwarded(base: list[str], target: str, port: int) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        local = probe.getsockname()[1]
    forwarding = subprocess.Popen(
        [*base, "-n", NAMESPACE, "port-forward", target, f"{local}:{port}"],
        stdout=subprocess.DEVNULL,
    )
    try:
        _until_listening(local)
        yield f"http://127.0.0.1:{local}"
    finally:
        forwarding.terminate()
        forwarding.wait()


def _until_listening(port: int) -> None:
    end = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
        else:
            return


def _kubectl(base: list[str], *words: str, text: str | None = None) -> None:
    subprocess.run([*base, *words], check=True, input=text, text=True)
