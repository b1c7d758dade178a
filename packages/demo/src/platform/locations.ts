import { moveLocation, RoomLocations, shareLocation } from '@parley/client/locations';
import { client } from './chat.ts';

/** How often this page sends where it is. */
const MOVE_EVERY_MS = 5_000;
const LIVE_SECONDS = 3_600;

let open: { readonly roomId: string; readonly locations: RoomLocations } | null = null;

/** The locations of the room that is shown. */
export function locationsIn(roomId: string): RoomLocations {
  if (open?.roomId !== roomId) {
    open?.locations.close();
    open = { roomId, locations: new RoomLocations(client, roomId) };
  }
  return open.locations;
}

const pointOf = ({ coords: { latitude, longitude, accuracy } }: GeolocationPosition) => ({
  latitude,
  longitude,
  accuracyMeters: accuracy,
});

const here = () =>
  new Promise<GeolocationPosition>((resolve, reject) => {
    navigator.geolocation.getCurrentPosition(resolve, reject);
  });

/** Shares where this device is; live for an hour, as long as this page is open. */
/** @param text the message, for users who see no location */
export async function shareHere(
  roomId: string,
  { label, text, isLive }: { readonly label: string; readonly text: string; readonly isLive: boolean },
): Promise<void> {
  const point = pointOf(await here());
  const live = isLive ? { liveForSeconds: LIVE_SECONDS } : {};
  const messageId = await shareLocation(client, roomId, { ...point, label, ...live }, { text });
  if (isLive) keepMoving(messageId);
}

/** Ends when the server accepts no more positions. */
function keepMoving(messageId: string): void {
  const timer = setInterval(() => {
    here()
      .then((position) => moveLocation(client, messageId, pointOf(position)))
      .catch(() => clearInterval(timer));
  }, MOVE_EVERY_MS);
}
