"""Lets the tests of ai-core share their world: a market, a model server, a sessions service."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
