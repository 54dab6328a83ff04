"""The words of what can be asked to be done beside orders (see `deeds`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from uchat_ai_core.domain.planner.order_words import words

PROFILES: Final[Mapping[str, str]] = {
    "cautious": "cautious", "conservative": "cautious", "careful": "cautious", "safe": "cautious",
    "balanced": "balanced", "moderate": "balanced", "bold": "bold", "aggressive": "bold",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Deed:
    """A word of `verbs` and one of `objects` are needed; `more` may be there beside small words.

    `refers`: "it" may stand for the object. `alone`: a verb is enough. `brake`: it only ends or
    forbids something, so that more may be said around it.
    """

    name: str
    said: str
    verbs: frozenset[str]
    objects: frozenset[str]
    more: frozenset[str] = frozenset()
    alone: bool = False
    refers: bool = True
    brake: bool = False


_ENDS: Final = words(
    """
        revoke end cancel stop withdraw remove delete terminate drop kill scrap tear take
        rid rip pull void annul undo retract rescind shred disable quit bin cease
        disconnect
        """
)
_GOES: Final = words(
    """
        switch change go set put turn move enter activate enable use start back return get
        make flip stay stick have be off disable stop swich swtich
        """
)
_MODE_MORE: Final = words(
    """
        mode setting trading operating account autonomous from again only completely fully
        on over the full better prefer
        """
)
_ORDERS: Final = words(
    """
        order orders stop stops target targets bid bids pending take-profit stop-loss
        """
)
_COINS: Final = words(
    """
        everything coins positions holdings crypto cryptos assets portfolio bags stuff
        investments account lot every
        """
)
DEEDS: Final = (
    Deed(
        "within",
        "trade within my mandate",
        words("trade trades trading invest act deal operate buy use go thing spend"),
        words("mandate allowance"),
        words(
        """
        within inside under limits limit stay make do your gave signed given have its
        remaining something autonomously yourself it carry staying keep keeping
        """
    ),
        refers=False,
    ),
    Deed(
        "revoke",
        "revoke my mandate",
        _ENDS | {"off"},
        words("mandate mandates allowance autopilot"),
        words(
        """
        daily signed gave given thing away up back off effective hereby that running turn
        switch all any your auto pilot having
        """
    ),
        brake=True,
    ),
    Deed(
        "manual", "switch to manual mode", _GOES | {"mode", "setting"}, words("manual manuel"),
        _MODE_MORE, brake=True,
    ),
    Deed(
        "assisted", "switch to assisted mode", _GOES | {"mode", "setting"}, words("assisted"),
        _MODE_MORE, brake=True,
    ),
    Deed(
        "emergency", "stop all trading", words("use press hit push pull activate trigger"),
        frozenset(), brake=True,
    ),
    Deed(
        "stop",
        "stop all trading",
        words("stop halt freeze shut suspend pause cease block disable kill end abort"),
        words("everything all trading trades bots bot account activity whole"),
        words(
        """
        down off forget it every any single stop trade emergency thing lot help this second panic
        """
    ),
        refers=False,
        brake=True,
    ),
    Deed(
        "stop",
        "stop all trading",
        words("emergency kill panic red"),
        words("stop switch swich button brake brakes cord"),
        words(
        """
        big hit press push pull use activate trigger engage enable smash flip throw turn
        hitting that it switch kill
        """
    ),
        refers=False,
        brake=True,
    ),
    Deed(
        "cancel",
        "cancel my orders",
        words(
        """
        cancel cancle cxl remove delete withdraw pull kill scrap drop bin clear take undo wipe
        void nuke annul dismiss recall ditch erase abort rid off chuck away
        """
    ),
        _ORDERS | {"ordr", "ordrs"},
        words(
        """
        loss losses profit profits get limit limits open pending resting outstanding existing
        everything all every last single whatever are have still buy sell waiting unfilled
        out current other any thats that's open new down had
        """
    ),
        brake=True,
    ),
    Deed(
        "liquidate",
        "sell everything",
        words(
        """
        sell close liquidate dump exit flatten cash convert turn unload offload ditch
        change swap bail
        """
    ),
        _COINS,
        words(
        """
        all every position coin thing holding lot bag last single out own have got turned
        entire whole cash dollars usdt market close open every portfolio's go get can need want
        """
    ),
    ),
    Deed(
        "rebalance",
        "rebalance my portfolio",
        words("rebalance re-balance rebalnce rebalence"),
        words("portfolio"),
        words(
        """
        profile profiles weights weight mix split allocation style way everything
        portfolio holdings account whole thing stuff using run do all use all assets all
        risk towards
        """
    )
        | frozenset(PROFILES),
        alone=True,
    ),
    Deed(
        "rebalance",
        "rebalance my portfolio",
        words("put bring return restore"),
        words("weights weighting allocation target targets"),
        words("portfolio holdings account coins everything back its their target targets original"),
        refers=False,
    ),
    Deed(
        "invest",
        "invest",
        words("invest spread split diversify allocate put distribute divide use take"),
        words(
        """
        coins cryptos mix basket several bunch spread different various diversified
        cryptocurrencies coin selection range
        """
    ),
        words(
        """
        across over between among few good sensible into handful work many cash some
        decent pick choose coins nice broad wide it broadly top crypto
        """
    ),
        refers=False,
    ),
)  # fmt: skip
TOPICS: Final[Mapping[str, frozenset[str]]] = {
    "revoke": words("mandate mandates allowance"),
    "cancel": words("order orders pending stop stops"),
    "liquidate": words("coins own holdings positions portfolio"),
    "emergency": words("emergency kill panic"),
    "manual": words("manual"),
    "assisted": words("assisted"),
}
