"""What the page about trusting the box says, in Japanese and English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language; ``{name}`` is what the phone calls the box's CA."""

    language: str
    other: str
    other_name: str
    title: str
    why: str
    compare: str
    compare_why: str
    get_profile: str
    iphone: tuple[str, ...]
    get_certificate: str
    android: tuple[str, ...]
    then: str
    open_app: str
    undo: str


WORDS: Final[Mapping[str, Words]] = {
    "ja": Words(
        language="ja",
        other="en",
        other_name="English",
        title="このスマートフォンで店番を使えるようにする",
        why="店番の箱との通信を暗号化するため、箱の証明書を一度だけ登録します。登録した証明書は、この箱の名前と店内のアドレスにだけ有効です。",
        compare="はじめに確かめること",
        compare_why="次の指紋(SHA-256)が、箱の画面に表示されたものと同じか確かめてください。違うときは登録しないでください。",
        get_profile="証明書を受け取る(iPhone)",
        iphone=(
            "Safari でこのページを開き、上のボタンを押して「許可」を選びます。",
            "「設定」>「一般」>「VPNとデバイス管理」で「{name}」を選び、「インストール」を押します。",
            "「設定」>「一般」>「情報」>「証明書信頼設定」で「{name}」をオンにします。",
        ),
        get_certificate="証明書を受け取る(Android)",
        android=(
            "上のボタンを押して、ファイルを保存します。",
            "「設定」で「CA 証明書」を検索し、「CA 証明書」>「インストールする」を選びます。",
            "保存したファイル miseban-ca.crt を選びます。",
        ),
        then="登録が終わったら",
        open_app="店番を開く",
        undo="やめるときは、同じ設定画面でこの証明書を削除します。",
    ),
    "en": Words(
        language="en",
        other="ja",
        other_name="日本語",
        title="Let this phone trust the Miseban box",
        why=(
            "What goes between this phone and the box is encrypted. For that, the phone has to know the box's "
            "certificate; this is done once. It is valid for this box's names and the shop's own network only."
        ),
        compare="First, compare",
        compare_why=(
            "This fingerprint (SHA-256) must be the same as the one on the box's console. If it is not, do not go on."
        ),
        get_profile="Get the certificate (iPhone)",
        iphone=(
            "Open this page in Safari, press the button above, and choose Allow.",
            "Settings > General > VPN & Device Management: choose “{name}” and press Install.",
            "Settings > General > About > Certificate Trust Settings: switch “{name}” on.",
        ),
        get_certificate="Get the certificate (Android)",
        android=(
            "Press the button above and save the file.",
            "Search the Settings for “CA certificate”, and choose CA certificate > Install anyway.",
            "Choose the file that was saved, miseban-ca.crt.",
        ),
        then="When that is done",
        open_app="Open Miseban",
        undo="To undo it, remove the certificate on the same settings page.",
    ),
}
