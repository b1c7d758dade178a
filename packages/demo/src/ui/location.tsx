import type { MessageInfo } from '@parley/client';
import { isLive, placeOf, stopLocation } from '@parley/client/locations';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { client } from '../platform/chat.ts';
import { locationsIn, shareHere } from '../platform/locations.ts';
import { language } from '../texts/texts.ts';
import { Dialog } from './dialog.tsx';
import { Field, Form } from './form.tsx';
import { useTexts, useValue } from './hooks.ts';
import { Icon } from './icons.tsx';
import { attempt } from './problems.tsx';
import { timeOf } from './times.ts';

const MAX_LABEL = 100;
const DECIMALS = 5;

interface LocationProps {
  readonly roomId: string;
  readonly message: Pick<MessageInfo, 'isOwn'> & { readonly id: string };
  readonly tabIndex: number;
}

/** The place that a message shares, with a link to a map. */
export function Location({ roomId, message, tabIndex }: LocationProps): JSX.Element | null {
  const t = useTexts();
  const code = useValue(language);
  const location = useValue(locationsIn(roomId).of(message.id));
  if (!location) return null;
  const { latitude, longitude } = placeOf(location);
  const isMoving = isLive(location);
  const map = `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=16/${latitude}/${longitude}`;
  return (
    <div class="location" role="group" aria-label={t.location}>
      <Icon name="place" />
      {location.label && <strong>{location.label}</strong>}
      <a href={map} target="_blank" rel="noopener noreferrer" tabIndex={tabIndex}>
        {latitude.toFixed(DECIMALS)}, {longitude.toFixed(DECIMALS)}
      </a>
      {location.live && (
        <small>{isMoving ? t.liveUntil(timeOf(code, location.live.endsAt)) : t.liveEnded}</small>
      )}
      {isMoving && message.isOwn && (
        <button
          type="button"
          class="small"
          tabIndex={tabIndex}
          onClick={() => attempt(() => stopLocation(client, message.id))}
        >
          {t.stopSharing}
        </button>
      )}
    </div>
  );
}

/** A button that shares where this device is. */
export function ShareLocationButton({ roomId }: { readonly roomId: string }): JSX.Element {
  const t = useTexts();
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button
        type="button"
        class="plain"
        aria-label={t.shareLocation}
        title={t.shareLocation}
        onClick={() => setOpen(true)}
      >
        <Icon name="place" />
      </button>
      {isOpen && <ShareLocation roomId={roomId} onClose={() => setOpen(false)} />}
    </>
  );
}

function ShareLocation({
  roomId,
  onClose,
}: {
  readonly roomId: string;
  readonly onClose: () => void;
}): JSX.Element {
  const t = useTexts();
  const [isRefused, setRefused] = useState(false);
  const submit = async ({ label = '', live }: Record<string, string>) => {
    try {
      await shareHere(roomId, { label, text: label.trim() || t.location, isLive: live !== undefined });
    } catch (error) {
      if (!(error instanceof GeolocationPositionError)) throw error;
      setRefused(true);
      return;
    }
    onClose();
  };
  return (
    <Dialog title={t.shareLocation} onClose={onClose}>
      <p class="hint">{t.shareLocationHint}</p>
      <Form label={t.share} submit={submit} fields={['label']}>
        {(problem) => (
          <>
            <Field
              name="label"
              label={t.placeName}
              problem={problem}
              autocomplete="off"
              maxLength={MAX_LABEL}
            />
            <label class="option">
              <input type="checkbox" name="live" />
              {t.shareLive}
            </label>
            {isRefused && <p role="alert">{t.noPosition}</p>}
          </>
        )}
      </Form>
    </Dialog>
  );
}
