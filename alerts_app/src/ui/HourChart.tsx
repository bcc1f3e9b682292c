/** People by the hour: bars for those who came, a step for the most that were inside; a table for the ear. */

import type { JSX } from "preact";
import type { Hour } from "../app/wire/day";
import { useWords } from "./context";

const WIDTH = 340;
const HEIGHT = 150;
const LEFT = 26;
const BOTTOM = 18;
const TOP = 8;
/** Round numbers that an axis may end with. */
const STEPS = [4, 10, 20, 40, 100, 200, 400, 1000, 2000, 4000, 10_000] as const;

export function HourChart({ hours }: { readonly hours: readonly Hour[] }): JSX.Element {
  const words = useWords();
  const most = Math.max(1, ...hours.map((hour) => Math.max(hour.entered, hour.mostInside)));
  const top = STEPS.find((step) => step >= most) ?? most;
  const stepX = (WIDTH - LEFT) / hours.length;
  const y = (count: number): number => TOP + (HEIGHT - TOP - BOTTOM) * (1 - count / top);
  const inside = hours.map((hour, k) => `${k === 0 ? "M" : "L"}${num(LEFT + k * stepX)} ${num(y(hour.mostInside))}h${num(stepX)}`).join("");
  // Few enough names that they do not touch.
  const every = Math.max(1, Math.ceil(hours.length / 8));
  return (
    <figure class="hour-chart">
      <svg viewBox={`0 0 ${String(WIDTH)} ${String(HEIGHT)}`} aria-hidden="true" focusable="false">
        {[0, top / 2, top].map((count) => (
          <g key={count}>
            <path class="chart-line" d={`M${String(LEFT)} ${num(y(count))}H${String(WIDTH)}`} />
            <text class="chart-name" x={LEFT - 5} y={y(count) + 3.5} text-anchor="end">
              {count}
            </text>
          </g>
        ))}
        {hours.map((hour, k) => (
          <rect
            key={hour.hour}
            class="chart-bar"
            x={num(LEFT + k * stepX + stepX * 0.15)}
            y={num(y(hour.entered))}
            width={num(stepX * 0.7)}
            height={num(y(0) - y(hour.entered))}
            rx="2"
          />
        ))}
        <path class="chart-step" d={inside} />
        {hours.map((hour, k) =>
          k % every === 0 ? (
            <text key={hour.hour} class="chart-name" x={num(LEFT + (k + 0.5) * stepX)} y={HEIGHT - 4} text-anchor="middle">
              {hour.hour}
            </text>
          ) : null,
        )}
      </svg>
      <figcaption>
        <span class="key key-bar" aria-hidden="true" />
        {words.now.entered}
        <span class="key key-step" aria-hidden="true" />
        {words.day.mostInside}
      </figcaption>
      <table class="visually-hidden">
        <caption>{words.day.visitors}</caption>
        <thead>
          <tr>
            <th scope="col">{words.day.hour}</th>
            <th scope="col">{words.now.entered}</th>
            <th scope="col">{words.now.left}</th>
            <th scope="col">{words.day.mostInside}</th>
          </tr>
        </thead>
        <tbody>
          {hours.map((hour) => (
            <tr key={hour.hour} data-hour={hour.hour}>
              <th scope="row">{words.day.oclock(hour.hour)}</th>
              <td>{hour.entered}</td>
              <td>{hour.left}</td>
              <td>{hour.mostInside}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  );
}

function num(value: number): string {
  return value.toFixed(1);
}
