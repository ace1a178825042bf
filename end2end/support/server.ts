// The program, started on a free port with data of its own, as an operator would start it.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Mailbox } from './mailbox';

/** Another one while a page is made: `VESTIBULE_BINARY=target/debug/vestibule`, which reads the site from `target/site`. */
const BINARY = resolve(import.meta.dirname, '../..', process.env.VESTIBULE_BINARY ?? 'target/release/vestibule');
/** How long it may take to start, in milliseconds: the first start makes the database. */
const START = 20_000;
/** How long it may take to stop once every browser is gone. */
const STOP = 10_000;

export interface Choices {
  /** Whether mail is written to a folder. Without it no mail leaves, as with no mail server set up. */
  mail?: boolean;
  /** What is to be done with the data folder before the start, like `['seed', '--json']`. */
  before?: { verb: string[]; input: string };
}

export class Server {
  private process: ChildProcess | null = null;
  private readonly folder = mkdtempSync(join(tmpdir(), 'vestibule-end2end-'));
  readonly mailbox = new Mailbox(join(this.folder, 'mail'));
  /** What it printed for the operator. */
  output = '';
  /** What it logged. */
  log = '';

  private constructor(readonly url: string, private readonly choices: Choices) {}

  static async start(choices: Choices = {}): Promise<Server> {
    const server = new Server(`http://127.0.0.1:${await freePort()}`, { mail: true, ...choices });
    if (choices.before) await server.run(choices.before.verb, choices.before.input);
    await server.serve();
    return server;
  }

  /** Runs another verb of the command line on the same data; gives what it printed. */
  async run(verb: string[], input = ''): Promise<string> {
    const child = spawn(BINARY, verb, { cwd: this.folder, env: this.environment() });
    let output = '';
    let errors = '';
    child.stdout.on('data', text => (output += text));
    child.stderr.on('data', text => (errors += text));
    child.stdin.end(`${input}\n`);
    const [code] = await once(child, 'close');
    if (code !== 0) throw new Error(`vestibule ${verb.join(' ')} failed: ${errors}`);
    return output;
  }

  /** Asks it to stop and waits; it must do so in good order. */
  async stop(): Promise<void> {
    const child = this.process;
    if (child && child.exitCode === null) {
      const closed = once(child, 'close');
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), STOP);
      const [code, signal] = await closed;
      clearTimeout(late);
      if (code !== 0) throw new Error(`The server ended with ${code ?? signal}:\n${this.log}`);
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** What went wrong on the server's side, as its log tells it. */
  errors(): string[] {
    return this.log.split('\n').filter(line => /\bERROR\b|panicked/.test(line));
  }

  private async serve(): Promise<void> {
    const child = spawn(BINARY, ['serve'], { cwd: this.folder, env: this.environment(), stdio: ['ignore', 'pipe', 'pipe'] });
    this.process = child;
    child.stderr.on('data', text => (this.log += text));
    await new Promise<void>((ready, failed) => {
      const late = setTimeout(() => failed(new Error(`The server did not start:\n${this.log}`)), START);
      child.once('close', code => failed(new Error(`The server ended with ${code}:\n${this.log}`)));
      child.stdout.on('data', text => {
        this.output += text;
        // the last line, by which it is known what else was printed
        if (/listening on/.test(this.output)) {
          clearTimeout(late);
          ready();
        }
      });
    });
  }

  /** Nothing of the surroundings: neither settings of whoever runs the tests nor their log filter. */
  private environment(): NodeJS.ProcessEnv {
    return {
      VESTIBULE_LISTEN: new URL(this.url).host,
      VESTIBULE_PUBLIC_URL: this.url,
      VESTIBULE_DATA_DIR: join(this.folder, 'data'),
      VESTIBULE_MAIL_DIR: this.choices.mail ? join(this.folder, 'mail') : '',
      // webhooks of tests go to this machine
      VESTIBULE_WEBHOOK_ALLOW_SUBNETS: '127.0.0.0/8',
      // each test comes from an address of its own, as limits by address would have them wait for each other
      VESTIBULE_TRUSTED_PROXIES: '127.0.0.0/8',
    };
  }
}

/** A port that nobody listens on, for the moment. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  await new Promise(closed => probe.close(closed));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
