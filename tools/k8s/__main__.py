"""`python -m tools.k8s check|secrets|images|smoke`."""

import argparse
import sys
import tempfile
from pathlib import Path

import yaml
from tools.k8s import images, smoke
from tools.k8s.manifests import K8S, OVERLAYS, VERSIONS, findings, render, validates
from tools.k8s.policies import broken
from tools.k8s.secrets import SIMULATED_TOKEN, secrets


def main() -> int:
    """Do what the command line says; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.k8s", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("check", help="render every overlay and validate it")
    making = commands.add_parser("secrets", help="print all Secrets, to pipe into kubectl apply")
    making.add_argument("--keys", type=Path, required=True, help="directory that keeps the keys")
    making.add_argument("--namespace", default="uchat")
    making.add_argument("--overlay", choices=OVERLAYS, default="prod")
    making.add_argument("--telegram-token-file", type=Path, help="of a real bot; none: no bot")
    building = commands.add_parser("images", help="build every image")
    smoking = commands.add_parser("smoke", help="apply, tell the story, delete")
    smoking.add_argument("--kubeconfig", type=Path, required=True)
    for each in (building, smoking):
        each.add_argument("--registry", required=True)
        each.add_argument("--tag", default="dev")
    building.add_argument("--push", action="store_true")
    given = parser.parse_args()
    if given.command == "check":
        return _check()
    if given.command == "secrets":
        develops = given.overlay == "dev"
        token = SIMULATED_TOKEN if develops else ""
        if given.telegram_token_file:
            token = given.telegram_token_file.read_text().strip()
        made = secrets(given.keys, given.namespace, 1 if develops else 3, token)
        yaml.safe_dump_all(made, sys.stdout)
        return 0
    if given.command == "images":
        images.build(given.registry, given.tag, push=given.push)
        return 0
    smoke.run(given.kubeconfig, given.registry, given.tag)
    return 0


def _check() -> int:
    with tempfile.TemporaryDirectory() as scratch:
        return _check_in(Path(scratch))


def _check_in(scratch: Path) -> int:
    wrong = 0
    made = secrets(scratch / "keys", "uchat", nats_servers=3)
    known = {each["metadata"]["name"]: set(each["stringData"]) for each in made}
    for overlay in OVERLAYS:
        manifests = render(K8S / "overlays" / overlay)
        found = [f"{v}: {line}" for v in VERSIONS for line in findings(manifests + made, v)]
        found += broken(manifests, known)
        if not validates(manifests, VERSIONS[-1], scratch):
            found.append("kubernetes-validate --strict refuses it")
        for line in found:
            print(f"{overlay}: {line}")
        wrong += len(found)
        print(f"{overlay}: {len(manifests)} objects, Kubernetes {' and '.join(VERSIONS)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
