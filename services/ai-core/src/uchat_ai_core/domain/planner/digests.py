"""The daily summary in words: that it is wanted or not, at which time and in which zone."""

# ruff: noqa: E501 - a pattern is read as one line
import re
from dataclasses import dataclass
from typing import Final, Literal

from uchat_ai_core.domain.planner.normalise import plain_quotes

_DIGEST: Final = re.compile(
    r"\b(?:digest|summary|report|overview|update|briefing|recap|how (?:is )?(?:my portfolio|i am|am i)|what (?:is )?my portfolio)\b"
)
_DAILY: Final = re.compile(
    r"\b(?:every|each) (?:single )?(?P<part>day|morning|evening|night|afternoon)\b|\bdaily\b"
)
_OFF: Final = re.compile(
    r"\b(?:stop|no more|turn off|switch off|cancel|disable|end|do not send|unsubscribe|without)\b"
)
_SENDS: Final = re.compile(
    r"\b(?:send|give|get|want|need|like|start|set|turn on|switch on|tell|show|mail|post|begin)\b"
)
_ASKS_WHEN: Final = re.compile(r"^(?:when|what time|is|do i|which|at what)\b")
_TIME: Final = re.compile(
    r"\b(?:at |by |around )?(?P<hour>\d{1,2})(?:[:.](?P<minute>\d{2}))? ?(?P<half>am|pm|a\.m|p\.m)?\b(?! ?(?:%|percent|usdt|dollars|minutes|hours|days)|/)|\bat (?P<word>noon|midnight)\b"
)
_PARTS: Final = {"morning": "08:00", "afternoon": "14:00", "evening": "18:00", "night": "21:00"}
_ZONE: Final = re.compile(
    r"\b(?P<zone>(?:Africa|America|Antarctica|Asia|Atlantic|Australia|Europe|Indian|Pacific)/[A-Z][A-Za-z_]+(?:/[A-Z][A-Za-z_]+)?|UTC|GMT)\b"
)


@dataclass(frozen=True, slots=True)
class Digest:
    """What is wanted: that it is told, not any more, or when it is; `time` as `08:00`."""

    action: Literal["digest", "digest_off", "digest_when"]
    time: str = ""
    zone: str = ""


def read_digest(original: str, plain: str) -> Digest | None:
    """Return what a message, and its plain form, wants of the daily summary; None: nothing."""
    daily, named = _DAILY.search(plain), _DIGEST.search(plain)
    is_digest = re.search(r"\bdigest\b", plain) is not None
    if named is None or (daily is None and not is_digest):
        return None
    if _OFF.search(plain):
        return Digest("digest_off")
    if _ASKS_WHEN.search(plain):
        return Digest("digest_when")
    part = daily.groupdict().get("part") or "" if daily else ""
    typed = plain_quotes(original)
    at, zone = _clock(typed.lower(), part) or _PARTS.get(part, ""), _ZONE.search(typed)
    if not at and not _SENDS.search(plain):
        return Digest("digest_when")
    return Digest("digest", at, zone.group("zone") if zone else "")


def _clock(plain: str, part: str) -> str:
    match = _TIME.search(plain)
    if match is None:
        return ""
    if match.group("word"):
        return "12:00" if match.group("word") == "noon" else "00:00"
    hour, minute = int(match.group("hour")), int(match.group("minute") or 0)
    half = (match.group("half") or "").replace(".", "")
    late = half == "pm" or (not half and part in ("evening", "night", "afternoon"))
    if half == "am" and hour == 12:  # noqa: PLR2004 - midnight
        hour = 0
    elif late and hour < 12:  # noqa: PLR2004 - noon
        hour += 12
    return f"{hour:02}:{minute:02}" if hour < 24 and minute < 60 else ""  # noqa: PLR2004 - a clock
