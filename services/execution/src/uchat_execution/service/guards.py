"""Guards that a negative control may switch off, one at a time: then orders are doubled."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Guards:
    """What keeps an order from being placed twice. All of them are on, except in such a control.

    `claim`: only what nobody has claimed is claimed. `signing`: an order goes out with the time of
    its claim, never a later one. `absence`: "there is no such order" counts after the deadline,
    and twice. `same_id`: an order that the venue did not know is sent again under its own id.
    """

    claim: bool = True
    signing: bool = True
    absence: bool = True
    same_id: bool = True


ALL = Guards()
