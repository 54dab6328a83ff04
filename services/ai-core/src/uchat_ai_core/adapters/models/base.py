"""What our models share."""

from pydantic_ai.models import Model
from pydantic_ai.profiles import ModelProfile


class UnpricedModel(Model):
    """A model that does without the framework's price list.

    Expected: a model costs no memory of its own. Actual: `Model.__init__` loads the list of all
    providers' prices, 25 MiB, which is only read to reckon costs
    (https://github.com/pydantic/pydantic-ai/issues/7405). So its two assignments are made here.
    """

    def __init__(self) -> None:
        self._settings = None
        # Named, so that the first answer does not load the list to look the window up.
        self._profile = ModelProfile(context_window=None)
