import copy
import importlib.util
import os
import shutil
import subprocess
import sysconfig
from functools import cache
from pathlib import Path

import pytest
import yaml
from tools.k8s.images import IMAGES, arguments
from tools.k8s.manifests import K8S, OVERLAYS, ROOT, VERSIONS, findings, render
from tools.k8s.policies import broken, containers, pods
from tools.k8s.secrets import secrets


@cache
def overlay(name):
    return render(K8S / "overlays" / name)


def with_component(component, name):
    """An overlay with one component more; kustomize takes no paths outside of the tree."""
    folder = K8S / "overlays" / f"tried-{component}"
    folder.mkdir()
    try:
        parts = {
            "resources": [f"../{name}"],
            "components": [f"../../components/{component}"],
            "images": [{"name": f"uchat/{component}", "newTag": "dev"}],
        }
        (folder / "kustomization.yaml").write_text(yaml.safe_dump(parts))
        return render(folder)
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    return secrets(tmp_path_factory.mktemp("keys"), "uchat", nats_servers=3)


def keys_of(made):
    return {each["metadata"]["name"]: set(each["stringData"]) for each in made}


def named(manifests, kind, name):
    return next(m for m in manifests if m["kind"] == kind and m["metadata"]["name"] == name)


@pytest.mark.parametrize("name", OVERLAYS)
def test_every_overlay_fits_the_schemas_and_our_own_rules(name, made):
    assert findings(overlay(name), VERSIONS[-1]) == []
    assert broken(overlay(name), keys_of(made)) == []


def test_live_exchanges_are_a_component_that_no_overlay_has_by_itself(made):
    for name in OVERLAYS:
        assert "venues" not in {each["metadata"]["name"] for each in overlay(name)}
    whole = with_component("venues", "dev")
    assert findings(whole, VERSIONS[-1]) == []
    assert broken(whole, keys_of(made)) == []
    execution = named(whole, "Deployment", "execution")["spec"]["template"]
    assert execution["metadata"]["labels"]["uchat.dev/uses-venues"] == "true"
    assert named(whole, "ConfigMap", "uchat")["data"]["UCHAT_VENUES_ADDR"] == "dns:///venues:50054"
    worker = named(whole, "Deployment", "venues")["spec"]["template"]
    uses = [label for label in worker["metadata"]["labels"] if "/uses-" in label]
    assert uses == []


def test_secrets_fit_the_schemas_and_stay_what_they_are(made, tmp_path):
    assert findings(made, VERSIONS[-1]) == []
    first = secrets(tmp_path, "elsewhere", nats_servers=1, token="1:token")
    assert secrets(tmp_path, "elsewhere", nats_servers=1, token="1:token") == first
    assert named(first, "Secret", "telegram-env")["stringData"]["UCHAT_TELEGRAM_TOKEN"] == "1:token"
    assert {each["metadata"]["namespace"] for each in first} == {"elsewhere"}


def test_only_who_needs_a_secret_gets_it(made):
    holders = {
        key: {name for name, keys in keys_of(made).items() if key in keys}
        for key in (
            "kek",
            "jwt.json",
            "paper",
            "mandate",
            "venues",
            "UCHAT_OWNER_DSN",
            "UCHAT_TELEGRAM_TOKEN",
        )
    }
    assert holders == {
        "kek": {"sessions-keys"},
        "jwt.json": {"gateway-keys"},
        "paper": {"execution-keys"},
        "mandate": {"execution-keys"},
        "venues": {"venues-keys"},
        "UCHAT_OWNER_DSN": {"migrate-env"},
        "UCHAT_TELEGRAM_TOKEN": {"telegram-env"},
    }


def test_an_unknown_field_and_an_unknown_kind_are_found():
    typo = copy.deepcopy(named(overlay("dev"), "PodDisruptionBudget", "gateway"))
    typo["spec"]["minAvailble"] = 1
    strange = {"apiVersion": "keda.sh/v1", "kind": "ScaledObject", "metadata": {"name": "x"}}
    assert len(findings([typo, strange], VERSIONS[-1])) == 2


def _unlimited(manifests):
    pod = named(manifests, "Deployment", "gateway")["spec"]["template"]["spec"]
    del pod["containers"][0]["resources"]["limits"]


def _writable(manifests):
    pod = named(manifests, "Deployment", "telegram")["spec"]["template"]["spec"]
    pod["containers"][0]["securityContext"]["readOnlyRootFilesystem"] = False


def _without_budget(manifests):
    manifests.remove(named(manifests, "PodDisruptionBudget", "sessions"))


def _without_fence(manifests):
    manifests.remove(named(manifests, "NetworkPolicy", "to-execution"))


def _misnamed(manifests):
    pod = named(manifests, "Deployment", "sessions")["spec"]["template"]["spec"]
    next(v for v in pod["volumes"] if "secret" in v)["secret"]["secretName"] = "sesions-keys"


def _misdirected(manifests):
    named(manifests, "Service", "sessions")["spec"]["selector"]["app.kubernetes.io/name"] = "x"


def _without_probe(manifests):
    pod = named(manifests, "Deployment", "ai-core")["spec"]["template"]["spec"]
    del pod["containers"][0]["readinessProbe"]


@pytest.mark.parametrize(
    "spoil",
    [
        _unlimited, _writable, _without_budget, _without_fence, _misnamed, _misdirected,
        _without_probe,
    ],
)  # fmt: skip
def test_our_own_rules_notice(spoil, made):
    manifests = copy.deepcopy(overlay("dev"))
    spoil(manifests)
    assert broken(manifests, keys_of(made))


@pytest.mark.parametrize("servers", [1, 3])
def test_nats_accepts_its_configuration(servers, tmp_path):
    made = secrets(tmp_path / "keys", "uchat", nats_servers=servers)
    conf = tmp_path / "nats.conf"
    conf.write_text(named(made, "Secret", "nats-config")["stringData"]["nats.conf"])
    server = Path(sysconfig.get_path("scripts")) / "nats-server"
    checked = subprocess.run(
        [server, "-t", "-c", conf], env={"POD_NAME": "nats-0"}, capture_output=True, check=False
    )
    assert checked.returncode == 0, checked.stderr
    assert (b"routes" in conf.read_bytes()) == (servers == 3)


def test_production_has_three_brokers_three_databases_and_streams_on_three():
    prod = overlay("prod")
    assert named(prod, "StatefulSet", "nats")["spec"]["replicas"] == 3
    command = named(prod, "Job", "provision")["spec"]["template"]["spec"]["containers"][0][
        "command"
    ]
    assert command == ["uchat", "provision", "--stream-replicas", "3"]
    cluster = named(prod, "Cluster", "postgres")
    assert cluster["apiVersion"] == "postgresql.cnpg.io/v1"
    assert cluster["spec"]["instances"] == 3
    assert cluster["spec"]["bootstrap"]["initdb"]["database"] == "uchat"
    assert cluster["spec"]["superuserSecret"]["name"] == "postgres-owner"
    for scaler in ("gateway", "sessions", "ai-core"):
        assert named(prod, "HorizontalPodAutoscaler", scaler)["spec"]["minReplicas"] >= 2


def test_simulated_telegram_is_in_development_only():
    names = {each["metadata"]["name"] for each in overlay("prod")}
    assert "telegram-simulator" not in names
    assert "UCHAT_TELEGRAM_API" not in named(overlay("prod"), "ConfigMap", "uchat")["data"]
    assert "telegram-simulator" in {each["metadata"]["name"] for each in overlay("dev")}


def test_every_image_that_runs_is_built_here_or_is_a_server():
    ours = {image.name for image in IMAGES}
    for name in OVERLAYS:
        for _, pod in pods(overlay(name)):
            for container in containers(pod):
                path = container["image"].rpartition(":")[0]
                if "uchat/" in path:
                    assert path.rpartition("/")[2] in ours
                else:
                    assert path in {"nats", "postgres", "valkey/valkey"}


def test_every_image_is_made_of_what_is_there():
    spec = importlib.util.spec_from_file_location("install", ROOT / "deploy/docker/install.py")
    install = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(install)
    for image in IMAGES:
        assert (ROOT / image.member / "pyproject.toml").exists()
        if image.module != "uchat_stack":
            assert (ROOT / image.member / "src" / image.module.partition(".")[0]).is_dir()
        assert f"MEMBER={image.member}" in arguments(image)
    before = Path.cwd()
    os.chdir(ROOT)
    try:
        order = [str(path) for path in install.needed(Path("services/gateway"), install.members())]
    finally:
        os.chdir(before)
    assert order == ["libs/contracts", "libs/platform", "services/gateway"]
