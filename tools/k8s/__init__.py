"""The manifests in deploy/k8s: render, check, make their secrets, try them on a cluster."""
