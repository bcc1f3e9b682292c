/** Small drawings that stand beside words, never instead of them. */

import type { JSX } from "preact";
import type { Level } from "../app/wire/alert";

interface MarkProps {
  readonly class?: string;
}

function mark(children: JSX.Element | readonly JSX.Element[], extra: string | undefined): JSX.Element {
  return (
    <svg class={extra === undefined ? "mark" : `mark ${extra}`} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {children}
    </svg>
  );
}

/** Octagon, triangle, circle: told apart without colour. */
export function LevelMark({ level }: { readonly level: Level }): JSX.Element {
  const shape = {
    red: <path d="M8 2h8l6 6v8l-6 6H8l-6-6V8z" />,
    yellow: <path d="M12 2.5 23 21.5H1z" />,
    white: <circle cx="12" cy="12" r="10" />,
  }[level];
  const sign = {
    red: <path class="mark-sign" d="M12 6.5v7M12 17v.6" />,
    yellow: <path class="mark-sign" d="M12 9.5v5.4M12 18v.4" />,
    white: <path class="mark-sign" d="M12 11v6M12 7v.4" />,
  }[level];
  return mark([<g key="shape">{shape}</g>, <g key="sign">{sign}</g>], `mark-level mark-${level}`);
}

export function NowMark(props: MarkProps): JSX.Element {
  return mark(<path d="M4 10.5 12 4l8 6.5V20h-5.5v-5.5h-5V20H4z" />, props.class ?? "mark-line");
}

export function BellMark(props: MarkProps): JSX.Element {
  return mark(
    <path d="M12 3.5a6 6 0 0 1 6 6v4l1.8 3.5H4.2L6 13.5v-4a6 6 0 0 1 6-6zM9.8 20a2.3 2.3 0 0 0 4.4 0" />,
    props.class ?? "mark-line",
  );
}

export function ShelfMark(): JSX.Element {
  return mark(<path d="M4.5 3.5v17M19.5 3.5v17M4.5 9h15M4.5 17.5h15M8 9V5.5h3V9M8 17.5V13h4v4.5M14.5 17.5v-3h2.5v3" />, "mark-line");
}

export function SettingsMark(): JSX.Element {
  return mark(
    <path d="M4 7h9M17 7h3M4 17h3M11 17h9M15 4.5v5M9 14.5v5" />,
    "mark-line",
  );
}

export function PlusMark(): JSX.Element {
  return mark(<path d="M12 5v14M5 12h14" />, "mark-line");
}

export function MinusMark(): JSX.Element {
  return mark(<path d="M5 12h14" />, "mark-line");
}

export function FitMark(): JSX.Element {
  return mark(<path d="M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5" />, "mark-line");
}

export function DayMark(): JSX.Element {
  return mark(<path d="M4 20h16M7 20v-6M12 20V6M17 20v-9" />, "mark-line");
}

export function BoxMark(): JSX.Element {
  return mark(<path d="M4 7.5 12 4l8 3.5v9L12 20l-8-3.5zM4 7.5l8 3.5 8-3.5M12 11v9" />, "mark-line");
}

export function CameraMark(): JSX.Element {
  return mark(<path d="M3 8h12v9H3zM15 11l6-3v9l-6-3z" />, "mark-line");
}

export function MicrophoneMark(): JSX.Element {
  return mark(<path d="M12 3.5a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0v-5a3 3 0 0 1 3-3zM6 11.5a6 6 0 0 0 12 0M12 17.5V21" />, "mark-line");
}

export function BackMark(): JSX.Element {
  return mark(<path d="m15 5-7 7 7 7" />, "mark-line");
}

export function ForthMark(): JSX.Element {
  return mark(<path d="m9 5 7 7-7 7" />, "mark-line");
}

export function CheckMark(): JSX.Element {
  return mark(<path d="m5 12.5 4.5 4.5L19 7.5" />, "mark-line");
}

/** The shop curtain of the product's sign. */
export function Noren(): JSX.Element {
  return (
    <svg class="noren" viewBox="0 0 64 64" aria-hidden="true" focusable="false">
      <rect class="noren-ground" width="64" height="64" rx="15" />
      <path class="noren-cloth" d="M10 15.5h44v4H10zM13 21h11.6v20.5q-5.8 2.6-11.6 0zM26.2 21h11.6v20.5q-5.8 2.6-11.6 0zM39.4 21H51v20.5q-5.8 2.6-11.6 0z" />
      <circle class="noren-lamp" cx="32" cy="50.5" r="4.2" />
    </svg>
  );
}

/** What the map draws, small enough for its legend. */
export type LegendItem = "person" | "unseen" | "flagged" | "furniture" | "shelf" | "line" | "camera";

export function LegendMark({ item }: { readonly item: LegendItem }): JSX.Element {
  const drawing = {
    person: <path class="lg-person" d="M16.5 12 11 16.2A5.5 5.5 0 1 1 11 7.8zm0 0 5-0L14 6.5v11z" />,
    unseen: <circle class="lg-unseen" cx="12" cy="12" r="6.5" />,
    flagged: (
      <g>
        <path class="lg-flag" d="M8 2.2h8l5.8 5.8v8L16 21.8H8L2.2 16V8z" />
        <circle class="lg-flag-dot" cx="12" cy="12" r="5" />
      </g>
    ),
    furniture: (
      <g>
        <rect class="lg-low" x="1" y="6" width="7.4" height="12" rx="2" />
        <rect class="lg-mid" x="8.3" y="6" width="7.4" height="12" />
        <rect class="lg-high" x="15.6" y="6" width="7.4" height="12" rx="2" />
      </g>
    ),
    shelf: <rect class="lg-shelf" x="2.5" y="7" width="19" height="10" />,
    line: <path class="lg-line" d="M3 19h18M12 19V6M7.5 10.5 12 6l4.5 4.5" />,
    camera: (
      <g>
        <path class="lg-cone" d="M12 16 3 4q9-5 18 0z" />
        <rect class="lg-camera" x="6.5" y="12.5" width="11" height="9" rx="2.5" />
      </g>
    ),
  }[item];
  return (
    <svg class="legend-mark" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {drawing}
    </svg>
  );
}
