import { countCharacters, isReadableName } from '../platform/characters.ts';
import { invalid } from '../platform/errors.ts';
import type { Point, Position } from './store.ts';

export type { LocationRow } from './store.ts';

/** In code points. */
export const MAX_LOCATION_LABEL = 100;
/** In seconds. */
export const MIN_LIVE = 60;
/** In seconds: 8 hours. */
export const MAX_LIVE = 8 * 3_600;
/** Of one author in one room: most devices send one. As the function `location_status` has it. */
export const MAX_LIVE_OF_AUTHOR = 3;
/** A tenth of a metre. */
const DECIMALS = 1e6;

type Optional<Value> = Value | null | undefined;

export interface PointInput {
  readonly latitude: number;
  readonly longitude: number;
  readonly accuracyMeters?: Optional<number>;
}

export interface PositionInput extends PointInput {
  readonly heading?: Optional<number>;
  readonly speedMetersPerSecond?: Optional<number>;
}

export interface LocationInput extends PointInput {
  readonly label?: Optional<string>;
  readonly liveForSeconds?: Optional<number>;
}

/** What a message stores of its location. */
export interface NewLocation extends Point {
  readonly label: string | null;
  readonly liveForSeconds: number | null;
}

/** @throws ValidationError */
export const locationOf = (input: LocationInput, path: string): NewLocation => ({
  ...pointOf(input, path),
  label: labelOf(input.label ?? null, `${path}.label`),
  liveForSeconds: inRange(input.liveForSeconds ?? null, MIN_LIVE, MAX_LIVE, `${path}.liveForSeconds`),
});

/** @throws ValidationError */
export const positionOf = (input: PositionInput, path: string): Position => ({
  ...pointOf(input, path),
  heading: inRange(input.heading ?? null, 0, 360, `${path}.heading`),
  speedMetersPerSecond: inRange(
    input.speedMetersPerSecond ?? null,
    0,
    MAX_NUMBER,
    `${path}.speedMetersPerSecond`,
  ),
});

/** Of an accuracy and a speed: more than there is on Earth. */
const MAX_NUMBER = 1e8;

function pointOf({ latitude, longitude, accuracyMeters = null }: PointInput, path: string): Point {
  return {
    latitude: rounded(inRange(latitude, -90, 90, `${path}.latitude`)),
    longitude: rounded(inRange(longitude, -180, 180, `${path}.longitude`)),
    accuracyMeters: inRange(accuracyMeters ?? null, 0, MAX_NUMBER, `${path}.accuracyMeters`),
  };
}

/** Not -0, because JSON has none. */
const rounded = (degrees: number) => Math.round(degrees * DECIMALS) / DECIMALS + 0;

function inRange<Value extends number | null>(value: Value, min: number, max: number, path: string): Value {
  if (value !== null && !(value >= min && value <= max))
    throw invalid(path, `This must be a number from ${min} to ${max}.`);
  return value;
}

function labelOf(label: string | null, path: string): string | null {
  const trimmed = label?.trim() ?? '';
  if (trimmed === '') return null;
  if (!isReadableName(trimmed))
    throw invalid(path, 'A label needs at least one visible character and no control characters.');
  if (countCharacters(trimmed) > MAX_LOCATION_LABEL)
    throw invalid(path, `A label can have at most ${MAX_LOCATION_LABEL} characters.`);
  return trimmed;
}
