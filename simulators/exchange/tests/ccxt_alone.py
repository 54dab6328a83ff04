"""ccxt's Binance adapter without its other hundred: importing all of them takes seconds."""

import importlib
import importlib.util
import sys
import warnings
from contextlib import contextmanager
from decimal import localcontext
from types import ModuleType


@contextmanager
def binance_of_ccxt():
    """Yield the module of the adapter; whoever imports ccxt afterwards gets the whole of it."""
    if "ccxt.async_support" in sys.modules:
        with localcontext():
            yield importlib.import_module("ccxt.async_support.binance")
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _packages_without_their_init()
        adapter = importlib.import_module("ccxt.async_support.binance")
    try:
        # ccxt changes how decimals are rounded, for everybody.
        with localcontext():
            yield adapter
    finally:
        for name in [each for each in sys.modules if each.partition(".")[0] == "ccxt"]:
            del sys.modules[name]


def _packages_without_their_init():
    (root,) = importlib.util.find_spec("ccxt").submodule_search_locations
    for name in ("ccxt", "ccxt.async_support", "ccxt.abstract"):
        package = ModuleType(name)
        package.__path__ = ["/".join([root, *name.split(".")[1:]])]
        sys.modules[name] = package
    errors = importlib.import_module("ccxt.base.errors")
    vars(sys.modules["ccxt"]).update({k: v for k, v in vars(errors).items() if k[0] != "_"})
    exchange = importlib.import_module("ccxt.base.exchange").Exchange
    sys.modules["ccxt"].Exchange = exchange
