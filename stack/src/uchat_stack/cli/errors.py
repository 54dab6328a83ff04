"""Every failure that a person can act on becomes one line and exit code 1."""

from collections.abc import Generator
from contextlib import contextmanager

import click

from uchat_platform.embedded.errors import StartError
from uchat_platform.errors import UchatError
from uchat_stack.layout import NotRunningError
from uchat_stack.settings import SettingsError


@contextmanager
def told() -> Generator[None]:
    """Turn an expected error of the launcher into `Error: …` on stderr."""
    try:
        yield
    except (StartError, SettingsError, NotRunningError) as e:
        raise click.ClickException(str(e)) from None
    except UchatError as e:
        raise click.ClickException(f"{e.detail} ({e.code})") from None
    except OSError as e:
        raise click.ClickException(str(e)) from None
