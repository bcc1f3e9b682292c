/** The map's colours, taken from the page's own custom properties so that light and dark are defined once. */

import type { Level } from "../../app/wire/alert";

export interface Palette {
  readonly void: string;
  readonly floor: string;
  readonly grid: string;
  readonly things: readonly [string, string, string];
  readonly thingEdge: string;
  readonly moving: string;
  readonly dwell: string;
  readonly ink: string;
  readonly muted: string;
  readonly halo: string;
  readonly zone: string;
  readonly zoneStaff: string;
  readonly zoneDoor: string;
  readonly zoneCheckout: string;
  readonly shelf: string;
  readonly line: string;
  readonly camera: string;
  readonly person: string;
  readonly personEdge: string;
  readonly level: Readonly<Record<Level, string>>;
  readonly font: string;
}

export function readPalette(element: Element): Palette {
  const style = getComputedStyle(element);
  const of = (name: string): string => style.getPropertyValue(`--map-${name}`).trim();
  return {
    void: of("void"),
    floor: of("floor"),
    grid: of("grid"),
    things: [of("thing-low"), of("thing-mid"), of("thing-high")],
    thingEdge: of("thing-edge"),
    moving: of("moving"),
    dwell: of("dwell"),
    ink: of("ink"),
    muted: of("muted"),
    halo: of("halo"),
    zone: of("zone"),
    zoneStaff: of("zone-staff"),
    zoneDoor: of("zone-door"),
    zoneCheckout: of("zone-checkout"),
    shelf: of("shelf"),
    line: of("line"),
    camera: of("camera"),
    person: of("person"),
    personEdge: of("person-edge"),
    level: { white: of("white"), yellow: of("yellow"), red: of("red") },
    font: style.fontFamily,
  };
}
