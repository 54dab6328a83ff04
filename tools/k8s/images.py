"""Build the images of the product, one Dockerfile for all, by docker, podman or buildah."""

import shutil
import subprocess
from dataclasses import dataclass

from tools.k8s.manifests import ROOT

_BUILDERS = ("docker", "podman", "buildah")


@dataclass(frozen=True)
class Image:
    """An image: its name, the member (with an extra) that it holds, what it runs and serves."""

    name: str
    member: str
    module: str
    assets: str = "deploy/docker/none"
    extra: str = ""


IMAGES = (
    Image("gateway", "services/gateway", "uchat_gateway.app", "web/dist"),
    Image("sessions", "services/sessions", "uchat_sessions.app"),
    Image("ai-core", "services/ai-core", "uchat_ai_core.app"),
    Image("execution", "services/execution", "uchat_execution.app"),
    Image("venues", "services/execution", "uchat_execution.worker", extra="venues"),
    Image("notifier", "services/notifier", "uchat_notifier.app"),
    Image("telegram", "services/telegram", "uchat_telegram.app"),
    Image("exchange", "simulators/exchange", "uchat_sim_exchange.app"),
    Image("telegram-simulator", "simulators/telegram", "uchat_sim_telegram.app"),
    Image("stack", "stack", "uchat_stack"),
)


def build(registry: str, tag: str, *, push: bool) -> None:
    """Build every image and, if told to, push it.

    Raises:
        SystemExit: there is no builder on this machine.
        subprocess.CalledProcessError: a build or a push failed; it has said why.
    """
    builder = next((found for name in _BUILDERS if (found := shutil.which(name))), None)
    if builder is None:
        raise SystemExit(f"Building images needs one of {', '.join(_BUILDERS)} on this machine")
    for image in IMAGES:
        name = reference(image, registry, tag)
        subprocess.run(
            [builder, "build", *arguments(image), "--tag", name, "."], check=True, cwd=ROOT
        )
        if push:
            subprocess.run([builder, "push", name], check=True)
        print(name)


def arguments(image: Image) -> list[str]:
    """Return what an image tells the Dockerfile."""
    told = {"MEMBER": image.member, "MODULE": image.module, "ASSETS": image.assets}
    if image.extra:
        told["EXTRA"] = image.extra
    pairs = [word for key, value in told.items() for word in ("--build-arg", f"{key}={value}")]
    return ["--file", "deploy/docker/service.Dockerfile", *pairs]


def reference(image: Image, registry: str, tag: str) -> str:
    """Return the image's whole name."""
    return f"{registry.rstrip('/')}/{image.name}:{tag}"
