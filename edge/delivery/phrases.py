"""What is said of an alert where the app cannot say it: in a mail, a chat, and through the speaker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from edge.delivery.notices import AWAY, TEST, Notice, Spot
from edge.settings.channels import Language


@dataclass(frozen=True, slots=True)
class Saying:
    """One thing as it is read, and as a synthesiser has to be given it: Japanese in kana, for it knows no kanji."""

    written: str
    spoken: str


def _plain(text: str) -> Saying:
    return Saying(text, text)


KINDS: Final[Mapping[Language, Mapping[str, Saying]]] = {
    "en": {
        kind: _plain(text)
        for kind, text in {
            "crowd": "Too many people at once",
            "intrusion": "Somebody is in the closed shop",
            "restricted_area": "Somebody is where only staff may be",
            "sweep": "Much was taken in a short time",
            "unpaid_exit": "Goods left the shop without passing the till",
            "object_left": "Something was left behind",
            "object_removed": "Something is gone",
            "raised_voice": "Raised voices",
            "scream": "A scream",
            "glass_break": "Breaking glass",
            "alarm_sound": "An alarm is sounding",
            "bang": "A loud bang",
            "machine_anomaly": "A machine sounds wrong",
            "camera_lost": "A camera does not see",
            "microphone_lost": "A microphone does not hear",
            "microphone_silent": "A microphone is silent",
            "disk_low": "Little storage is left on the box",
            "clock_jump": "The clock of the box was set",
            "flood": "More alerts than anybody can look at",
            TEST: "This is a test",
        }.items()
    },
    "ja": {
        "crowd": Saying("混雑しています", "こんざつ して います"),
        "intrusion": Saying("営業時間外に人がいます", "えいぎょう じかんがいに ひとが います"),
        "restricted_area": Saying("立入禁止の場所に人がいます", "たちいり きんしの ばしょに ひとが います"),
        "sweep": Saying("短い時間に多くの商品が取られました", "みじかい じかんに おおくの しょうひんが とられました"),
        "unpaid_exit": Saying(
            "レジを通らずに商品が持ち出されました", "れじを とおらずに しょうひんが もちだされました"
        ),
        "object_left": Saying("物が置かれたままです", "ものが おかれた ままです"),
        "object_removed": Saying("あった物がなくなりました", "あった ものが なくなりました"),
        "raised_voice": Saying("大きな声がしています", "おおきな こえが して います"),
        "scream": Saying("叫び声がしました", "さけびごえが しました"),
        "glass_break": Saying("ガラスの割れる音がしました", "がらすの われる おとが しました"),
        "alarm_sound": Saying("警報が鳴っています", "けいほうが なって います"),
        "bang": Saying("大きな物音がしました", "おおきな ものおとが しました"),
        "machine_anomaly": Saying("機械の音がいつもと違います", "きかいの おとが いつもと ちがいます"),
        "camera_lost": Saying("カメラの映像が届きません", "かめらの えいぞうが とどきません"),
        "microphone_lost": Saying("マイクの音が届きません", "まいくの おとが とどきません"),
        "microphone_silent": Saying("マイクが無音です", "まいくが むおんです"),
        "disk_low": Saying("保存容量が少なくなっています", "ほぞん ようりょうが すくなく なって います"),
        "clock_jump": Saying("本体の時計が変わりました", "ほんたいの とけいが かわりました"),
        "flood": Saying("通知が多すぎます", "つうちが おおすぎます"),
        TEST: Saying("これは試験です", "これは しけんです"),
    },
}
OTHER: Final[Mapping[Language, Saying]] = {
    "en": _plain("Something needs a person"),
    "ja": Saying("確認が必要です", "かくにんが ひつようです"),
}
ZONES: Final[Mapping[Language, Mapping[str, Saying]]] = {
    "en": {
        "entrance": _plain("at the entrance"),
        "exit": _plain("at the exit"),
        "checkout": _plain("at the till"),
        "aisle": _plain("in the aisle"),
        "staff_only": _plain("in the staff area"),
    },
    "ja": {
        "entrance": Saying("入口", "いりぐち"),
        "exit": Saying("出口", "でぐち"),
        "checkout": Saying("レジ", "れじ"),
        "aisle": Saying("通路", "つうろ"),
        "staff_only": Saying("スタッフ専用", "すたっふ せんよう"),
    },
}
LEVELS: Final[Mapping[Language, Mapping[str, str]]] = {
    "en": {"red": "Urgent", "yellow": "Attention", "white": "For information"},
    "ja": {"red": "至急", "yellow": "注意", "white": "参考"},
}


class Phrases:
    """Sentences in one language, about one shop.

    Parameters
    ----------
    name
        The shop's.
    zones
        Kind of each zone by its id.
    """

    def __init__(self, language: Language, name: str, zones: Mapping[str, str]) -> None:
        self._language: Language = language
        self._name = name
        self._zones = zones

    def title(self, notice: Notice) -> str:
        """Shop, level and what."""
        level = "" if notice.kind in (TEST, AWAY) else f"{LEVELS[self._language][notice.level.value]}: "
        return f"{self._name} – {level}{self._what(notice)}"

    def text(self, notice: Notice) -> str:
        """Where, and how many, as far as it is known."""
        place, japanese = self._place(notice.spot), self._language == "ja"
        parts = [place] if place else []
        if notice.count > 1 and notice.kind != AWAY:
            parts.append(f"{notice.count}件" if japanese else f"count {notice.count}")
        if notice.escalation:
            parts.append("まだ誰も答えていません" if japanese else "nobody has answered yet")
        return " · ".join(parts) or self._what(notice)

    def spoken(self, notice: Notice) -> str:
        """What a synthesiser reads out: what, and where."""
        what = _saying(self._language, notice.kind).spoken
        where = self._spoken_place(notice.spot)
        if not where:
            return f"{what}."
        return f"{where}。{what}。" if self._language == "ja" else f"{what}, {where}."

    def _what(self, notice: Notice) -> str:
        if notice.kind == AWAY:
            alerts = "alert" if notice.count == 1 else "alerts"
            english = f"{notice.count} {alerts} while this channel was away"
            return f"この通知が届かない間に{notice.count}件ありました" if self._language == "ja" else english
        return _saying(self._language, notice.kind).written

    def _place(self, spot: Spot | None) -> str:
        """As in the app: shelf A, level 2 from below."""
        if spot is None:
            return ""
        japanese, parts = self._language == "ja", []
        zone = self._zone(spot)
        if zone is not None:
            parts.append(zone.written)
        if spot.shelf is not None:
            parts.append(f"棚 {spot.shelf}" if japanese else f"shelf {spot.shelf}")
        if spot.level is not None:
            parts.append(f"下から{spot.level + 1}段目" if japanese else f"level {spot.level + 1} from below")
        if spot.line is not None:
            parts.append(f"出入りの線 {spot.line}" if japanese else f"line {spot.line}")
        return " · ".join(parts)

    def _spoken_place(self, spot: Spot | None) -> str:
        """Only what sounds like something: an id may be anything."""
        if spot is None:
            return ""
        if spot.shelf is not None and spot.shelf.isascii() and spot.shelf.isalnum() and len(spot.shelf) <= 4:
            return f"たな {spot.shelf}" if self._language == "ja" else f"shelf {spot.shelf}"
        zone = self._zone(spot)
        return "" if zone is None else zone.spoken

    def _zone(self, spot: Spot) -> Saying | None:
        kind = None if spot.zone is None else self._zones.get(spot.zone)
        return None if kind is None else ZONES[self._language].get(kind)


def _saying(language: Language, kind: str) -> Saying:
    """Of a kind that has no words of its own, that it needs a person."""
    return KINDS[language].get(kind, OTHER[language])
