import type { Client } from './client.ts';
import { SetTypingDocument } from './generated/documents.ts';

/** How often `setTyping` is sent while the user types, in milliseconds: docs/protocol.md, "Typing". */
const REPEAT_MS = 3_000;

/** Reports that the viewer is typing in one room. */
export class TypingReport {
  private readonly client: Client;
  private readonly roomId: string;
  /** It was reported, and is not repeated before this time; 0: the viewer is not typing. */
  private sentUntil = 0;
  private unsubscribe: () => void = () => undefined;

  constructor(client: Client, roomId: string) {
    this.client = client;
    this.roomId = roomId;
  }

  set(isTyping: boolean): void {
    const now = performance.now();
    if (isTyping ? now < this.sentUntil : this.sentUntil === 0) return;
    if (isTyping) this.awaitMessage();
    this.end(isTyping ? now + REPEAT_MS : 0);
    const input = { roomId: this.roomId, isTyping };
    // It may be lost; the next one follows soon.
    this.client.request(SetTypingDocument, { input }).catch(() => undefined);
  }

  private end(sentUntil = 0): void {
    this.sentUntil = sentUntil;
    if (sentUntil === 0) this.unsubscribe();
  }

  /** A message ends typing: on the server, and so here. */
  private awaitMessage(): void {
    this.unsubscribe();
    const keys = () => this.client.outbox.getSnapshot().filter(({ roomId }) => roomId === this.roomId);
    const before = new Set(keys().map(({ key }) => key));
    this.unsubscribe = this.client.outbox.subscribe(() => {
      if (keys().some(({ key }) => !before.has(key))) this.end();
    });
  }
}
