import { Follower } from './follower.ts';

/** The follower of a user's own log. It knows only the head; readers fetch the events themselves. */
export class AccountFollower extends Follower {
  readonly userId: number;
  /** The last number known. */
  head: number;
  /** Increases when the log may have grown beyond `head`. */
  hints = 0;

  constructor(userId: number, head: number, onUnused: () => void) {
    super(onUnused);
    this.userId = userId;
    this.head = head;
  }

  /** A follower that is closed from the start, because its epoch has ended. */
  static closed(userId: number, head: number): AccountFollower {
    const follower = new AccountFollower(userId, head, () => undefined);
    follower.isClosed = true;
    return follower;
  }

  want(head: number): void {
    if (head <= this.head) return;
    this.head = head;
    this.hint();
  }

  /** Makes readers check the log. */
  hint(): void {
    this.hints++;
    this.wake();
  }
}
