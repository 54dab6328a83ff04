"""How people begin what they ask for: small words and polite phrases that order nothing."""

# ruff: noqa: E501 - a pattern is read as one line
from typing import Final

FILLER: Final = (
    r"^(?:(?:please|now|then|ok|okay|hey|hi|hello|so|and|also|yes|yeah|no|well|right|just|alright|"
    r"great|good|perfect|(?:sounds|looks) (?:good|great|fine|right)|nice|cool|yo|that is it|fine|right then|i mean|next|first|finally|thanks|thank you|assistant|bot|uchat|immediately|kindly|"
    r"go ahead and|go and|quick|quickly|today)\s+)*"
)
POLITE: Final = (
    r"(?:(?:can|could|would|will) you (?:please |now |kindly |go ahead and )*)?"
    r"(?:i (?:want|would like|need|would love) (?:you )?to |let us |let me |help me (?:to )?)?(?:please |now )*"
)
START: Final = FILLER + POLITE
"""Patterns meet text as `normalise` leaves it."""
