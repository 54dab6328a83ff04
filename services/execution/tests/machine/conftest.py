"""The long profile of the machine: `--hypothesis-profile=long`."""

from hypothesis import HealthCheck, Phase, settings

settings.register_profile(
    "long",
    max_examples=300,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate, Phase.shrink],
    print_blob=True,
)
