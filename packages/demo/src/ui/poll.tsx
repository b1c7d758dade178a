import type { MessageInfo } from '@parley/client';
import { closePoll, isOpen, type Poll as PollState, toggled, votePoll } from '@parley/client/polls';
import type { JSX } from 'preact';
import { client } from '../platform/chat.ts';
import { language } from '../texts/texts.ts';
import { confirmed } from './dialog.tsx';
import { useTexts, useValue } from './hooks.ts';
import { attempt } from './problems.tsx';
import { momentOf } from './times.ts';

interface PollProps {
  readonly message: Pick<MessageInfo, 'id' | 'poll' | 'isOwn'>;
  /** Whether the viewer may close the polls of others. */
  readonly canClose: boolean;
  readonly isArchived: boolean;
  readonly tabIndex: number;
}

/** The poll of a message. Each option is a button that adds or removes the viewer's choice. */
export function Poll({ message, canClose, isArchived, tabIndex }: PollProps): JSX.Element | null {
  const t = useTexts();
  const { poll, id } = message;
  if (!poll || id === null) return null;
  const canChange = isOpen(poll) && !isArchived;
  const choose = (optionId: string) => attempt(() => votePoll(client, id, toggled(poll, optionId)));
  const close = () => confirmed(t.closePollConfirm, t.closePoll, () => attempt(() => closePoll(client, id)));
  return (
    <div class="poll" role="group" aria-label={t.poll}>
      <ul>
        {poll.options.map((option) => (
          <li key={option.id}>
            <Option
              poll={poll}
              option={option}
              isDisabled={!canChange}
              tabIndex={tabIndex}
              onChoose={choose}
            />
          </li>
        ))}
      </ul>
      <p class="poll-facts">
        <PollFacts poll={poll} />
        {(message.isOwn || canClose) && canChange && (
          <button type="button" class="small" tabIndex={tabIndex} onClick={close}>
            {t.closePoll}
          </button>
        )}
      </p>
    </div>
  );
}

interface OptionProps {
  readonly poll: PollState;
  readonly option: PollState['options'][number];
  readonly isDisabled: boolean;
  readonly tabIndex: number;
  readonly onChoose: (optionId: string) => void;
}

function Option({ poll, option, isDisabled, tabIndex, onChoose }: OptionProps): JSX.Element {
  const t = useTexts();
  const { id, text, count } = option;
  const share = count === null ? 0 : (100 * count) / Math.max(1, poll.voterCount);
  return (
    <button
      type="button"
      class="poll-option"
      aria-pressed={poll.viewerVotes?.includes(id) ?? false}
      disabled={isDisabled}
      tabIndex={tabIndex}
      onClick={() => onChoose(id)}
    >
      <span class="poll-bar" style={{ width: `${share}%` }} aria-hidden="true" />
      <span>{text}</span>
      {count !== null && <span class="poll-count">{t.votes(count)}</span>}
    </button>
  );
}

function PollFacts({ poll }: { poll: PollState }): JSX.Element {
  const t = useTexts();
  const code = useValue(language);
  const { closedAt, closesAt, voterCount, resultsVisibility, isAnonymous, maxChoices } = poll;
  const facts = [
    closedAt !== null && t.pollClosed,
    t.voters(voterCount),
    closedAt === null && maxChoices > 1 && t.maxChoices(maxChoices),
    isAnonymous && t.anonymous,
    closedAt === null && resultsVisibility === 'WHEN_CLOSED' && t.resultsHidden,
    closedAt === null && closesAt !== null && t.closesAt(momentOf(code, closesAt)),
  ];
  return <small>{facts.filter(Boolean).join(' · ')}</small>;
}
