import { setTimeout as delay } from 'node:timers/promises';
import { numberIn } from '../harness/ids.ts';
import { hashOf, isCertain, roomIdOf } from './api.ts';
import type { Device } from './device.ts';
import type { DeviceHost } from './device-host.ts';
import type { Report } from './device-messages.ts';
import type { PostEntry } from './history.ts';
import { PLAIN, type Posting } from './posting.ts';
import type { Random } from './random.ts';
import type { Room, World } from './world.ts';

const REACTING = 0.2;
const EMOJI = ['👍', '🎉', '👀'];

type Told<Kind extends Report['tell']> = Extract<Report, { tell: Kind }>;

/** What is known of a message that an SDK client sends. */
interface Sending {
  sentAt: number;
  /** An attempt got no answer, so the message may be stored. */
  mayHaveHappened: boolean;
  /** Its last attempt has not been answered. */
  isOpen: boolean;
}

/** What people write through SDK clients: outboxes see to it that it arrives. */
export class DevicePosting {
  private readonly world: World;
  private readonly posting: Posting;
  private readonly hosts: readonly DeviceHost[];
  private readonly random: Random;
  private readonly sendings = new Map<string, Sending>();
  private count = 0;

  constructor(world: World, posting: Posting, hosts: readonly DeviceHost[]) {
    this.world = world;
    this.posting = posting;
    this.hosts = hosts;
    this.random = world.random.fork();
  }

  /** Posts and reacts at that rate until the run ends. */
  async keepPosting(perSecond: number, rooms: readonly Room[]): Promise<void> {
    while (!this.world.isEnding) {
      await delay(this.random.between(500, 1_500) / perSecond);
      const host = this.random.pick(this.hosts);
      const device = this.random.pick(host.devices);
      const roomId = roomIdOf(this.random.pick(rooms).id);
      if (this.random.chance(REACTING))
        host.tell({ do: 'react', device: device.name, roomId, emoji: this.random.pick(EMOJI) });
      else this.say(host, device, roomId);
    }
  }

  /** One message. */
  say(host: DeviceHost, device: Device, roomId: string): void {
    const text = `r${numberIn(roomId)}: ${device.person.user} ${device.name} ${++this.count}`;
    host.tell({ do: 'send', device: device.name, roomId, text });
  }

  hear(device: Device, report: Report): void {
    if (report.tell === 'sending') this.begin(device, report);
    if (report.tell === 'answered') this.answered(device, report);
    if (report.tell === 'accepted') {
      const { name: client, person } = device;
      const { key, roomId } = report;
      this.world.history.add({ f: 'accepted', client, user: person.user, room: numberIn(roomId), key });
    }
  }

  private begin(device: Device, report: Told<'sending'>): void {
    const known = this.sendings.get(report.key);
    if (!known) this.world.history.add({ ...factsOf(device, report), type: 'invoke' });
    this.sendings.set(report.key, {
      sentAt: this.world.history.now(),
      mayHaveHappened: known !== undefined && (known.mayHaveHappened || known.isOpen),
      isOpen: true,
    });
    const host = this.hosts.find(({ devices }) => devices.includes(device));
    host?.tell({ do: 'go on', ask: report.ask });
  }

  private answered(device: Device, report: Told<'answered'>): void {
    const { key, text, code, roomSeq: seq } = report;
    const facts = factsOf(device, report);
    const sending = this.sendings.get(key);
    if (!sending) return;
    sending.isOpen = false;
    if (code === null && seq !== null) {
      const id = `msg_${facts.room}_${seq}`;
      const { sentAt } = sending;
      this.world.history.add({ ...facts, type: 'ok', seq, id, sentAt });
      const posted = { room: facts.room, seq, id, key, text, author: device.person, way: PLAIN };
      this.posting.learn(posted, sentAt, report.isQuoting);
      return;
    }
    const isRefused = code !== null && isCertain(code) && !sending.mayHaveHappened;
    sending.mayHaveHappened ||= code === null || !isCertain(code);
    const type = isRefused && code !== 'RATE_LIMITED' ? 'fail' : 'info';
    this.world.history.add({ ...facts, type, ...(code !== null && { code }) });
  }
}

function factsOf(
  { person }: Device,
  { roomId, key, text }: { roomId: string; key: string; text: string },
): Omit<PostEntry, 't' | 'type'> {
  return { f: 'post', room: numberIn(roomId), user: person.user, key, hash: hashOf(text) };
}
