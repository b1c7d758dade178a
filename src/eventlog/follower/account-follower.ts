import { Follower } from './follower.ts';

/** A person's own log as this node follows it: only how far it goes; readers fetch it themselves. */
export class AccountFollower extends Follower {
  readonly userId: number;
  /** The last number known. */
  head: number;
  /** Counts up when the log may have grown further than `head` says. */
  hints = 0;

  constructor(userId: number, head: number, onUnused: () => void) {
    super(onUnused);
    this.userId = userId;
    this.head = head;
  }

  /** One that was never followed: its data is not there any more. */
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

  /** Makes readers look. */
  hint(): void {
    this.hints++;
    this.wake();
  }
}
