// Everybody's mail, as the server writes it to a folder.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** How long a letter may take to arrive, in milliseconds: one that is resent waits until that can’t be undone any more. */
const PATIENCE = 20_000;
const LOOK_EVERY = 20;

/** A letter, read as a mail program reads it. */
export interface Letter {
  to: string;
  subject: string;
  text: string;
  html: string;
}

export class Mailbox {
  /** How many letters each address has taken out. */
  private readonly taken = new Map<string, number>();

  constructor(private readonly folder: string) {}

  /** The oldest letter to this address that was not taken out yet; waits for one. */
  async next(address: string): Promise<Letter> {
    const place = this.taken.get(address) ?? 0;
    for (const end = Date.now() + PATIENCE; Date.now() < end; await rest()) {
      const letter = this.letters(address)[place];
      if (letter) {
        this.taken.set(address, place + 1);
        return letter;
      }
    }
    throw new Error(`No letter ${place + 1} came for ${address}`);
  }

  /** All letters to this address so far, oldest first: files are named by ids that begin with the time. */
  letters(address: string): Letter[] {
    if (!existsSync(this.folder)) return [];
    const files = readdirSync(this.folder).filter(name => name.endsWith('.eml')).sort();
    return files.map(name => parse(readFileSync(join(this.folder, name), 'latin1'))).filter(letter => letter.to === address);
  }
}

const rest = () => new Promise(done => setTimeout(done, LOOK_EVERY));

/** The address on a line of its own in a letter, with this path. */
export function link(letter: Letter, path: string): string {
  const found = letter.text.split('\n').map(line => line.trim()).find(line => /^https?:/.test(line) && new URL(line).pathname.startsWith(path));
  if (!found) throw new Error(`No link to ${path} in:\n${letter.text}`);
  return found;
}

/** The six digits on a line of their own. */
export function code(letter: Letter): string {
  const found = /^\s*(\d{6})\s*$/m.exec(letter.text)?.[1];
  if (!found) throw new Error(`No code in:\n${letter.text}`);
  return found;
}

function parse(raw: string): Letter {
  const [headers, body] = halves(raw);
  const parts = partsOf(headers, body);
  const one = (kind: string) => parts.find(part => (part.headers.get('content-type') ?? '').startsWith(kind))?.body ?? '';
  const to = headers.get('to') ?? '';
  return { to: /<([^>]*)>/.exec(to)?.[1] ?? to, subject: words(headers.get('subject') ?? ''), text: one('text/plain'), html: one('text/html') };
}

interface Part {
  headers: Map<string, string>;
  body: string;
}

function partsOf(headers: Map<string, string>, body: string): Part[] {
  const boundary = /boundary="?([^";]+)"?/.exec(headers.get('content-type') ?? '')?.[1];
  if (!boundary) return [{ headers, body: decode(headers, body) }];
  return body.split(`--${boundary}`).slice(1, -1).flatMap(piece => partsOf(...halves(piece.replace(/^\r\n/, ''))));
}

function halves(raw: string): [Map<string, string>, string] {
  const end = raw.indexOf('\r\n\r\n');
  const lines = raw.slice(0, end).replace(/\r\n[ \t]/g, ' ').split('\r\n');
  const headers = new Map(lines.map(line => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]));
  return [headers, raw.slice(end + 4)];
}

function decode(headers: Map<string, string>, body: string): string {
  const encoding = (headers.get('content-transfer-encoding') ?? '7bit').toLowerCase();
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString('utf8');
  if (encoding === 'quoted-printable') return quoted(body.replace(/=\r\n/g, ''));
  return Buffer.from(body, 'latin1').toString('utf8');
}

function quoted(text: string): string {
  const bytes = text.replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** Encoded words of a header. */
function words(header: string): string {
  return header.replace(/\?=\s+=\?/g, '?==?').replace(/=\?utf-8\?([bq])\?([^?]*)\?=/gi, (_, kind: string, text: string) =>
    kind.toLowerCase() === 'b' ? Buffer.from(text, 'base64').toString('utf8') : quoted(text.replace(/_/g, ' ')));
}
