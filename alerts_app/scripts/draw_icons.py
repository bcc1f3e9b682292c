"""Draws the PNG icons from ``public/icons/icon.svg`` with Chromium; run after changing the drawing."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import sync_playwright

ICONS = Path(__file__).parent.parent / "public" / "icons"
SAFE_SHARE = 0.74
"""Of a maskable icon, a launcher may cut away all but the middle."""
GROUND = "#1f3f66"


def main() -> None:
    """Write every size."""
    drawing = (ICONS / "icon.svg").read_text(encoding="utf-8")
    full_bleed = drawing.replace('rx="15" ', "")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        for name, size, source, share in (
            ("icon-192.png", 192, drawing, 1.0),
            ("icon-512.png", 512, drawing, 1.0),
            ("maskable-512.png", 512, full_bleed, SAFE_SHARE),
            ("apple-touch-icon.png", 180, full_bleed, 0.9),
        ):
            ground = "transparent" if share == 1.0 else GROUND
            page = browser.new_page(viewport={"width": size, "height": size})
            page.set_content(
                f"<style>body{{margin:0;background:{ground};display:grid;place-items:center;height:100vh}}"
                f"svg{{width:{share:.0%}}}</style>{source}"
            )
            page.screenshot(path=ICONS / name, omit_background=True)
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
