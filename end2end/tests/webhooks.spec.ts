// Webhooks: made in the portal, verified by an independent library, sent once more, and stopped.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { resolve } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { Program } from '../support/api';
import { expect, test } from '../support/check';
import { signIn } from '../support/people';
import { freePort } from '../support/server';

const EXAMPLE = resolve(import.meta.dirname, '../../docs/examples/webhook-receiver.mjs');

interface Heard {
  headers: IncomingHttpHeaders;
  body: string;
}

/** A server that keeps what it hears, and answers with `status`. */
class Receiver {
  readonly heard: Heard[] = [];
  status = 204;
  url = '';
  private readonly server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    this.heard.push({ headers: request.headers, body });
    response.writeHead(this.status).end(this.status === 204 ? undefined : 'Out of order');
  });

  static async start(): Promise<Receiver> {
    const receiver = new Receiver();
    const port = await freePort();
    await once(receiver.server.listen(port, '127.0.0.1'), 'listening');
    receiver.url = `http://127.0.0.1:${port}/hooks`;
    return receiver;
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  actions(): string[] {
    return this.heard.map(({ body }) => JSON.parse(body).type);
  }
}

function genuine(secret: string, { headers, body }: Heard): boolean {
  try {
    new Webhook(secret).verify(body, headers as Record<string, string>);
    return true;
  } catch {
    return false;
  }
}

test('a server hears of events, and can tell that they are genuine', async ({ page, acme }) => {
  const receiver = await Receiver.start();
  try {
    await signIn(page, acme.owner);
    await page.goto(acme.path('webhooks'));
    await expect(page.getByRole('heading', { name: 'No webhooks yet' })).toBeVisible();
    await page.getByRole('main').getByRole('link', { name: 'New webhook' }).first().click();
    await page.getByLabel('URL').fill('http://10.0.0.1/hooks');
    await page.getByRole('button', { name: 'Create webhook' }).click();
    await expect(page.getByLabel('URL')).toHaveAccessibleDescription(/private network/);
    await page.getByLabel('URL').fill(receiver.url);
    await page.getByLabel('Description').fill('Our CRM');
    await page.getByRole('group', { name: 'Invitation', exact: true }).getByLabel('Created').check();
    await page.getByRole('button', { name: 'Create webhook' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Webhook created');
    const secret = await page.getByLabel('Signing secret').inputValue();
    await page.getByRole('link', { name: 'Done' }).click();
    await expect(page.getByText('Nothing has been sent yet.')).toBeVisible();

    const program = await Program.of(acme);
    const grace = acme.person('Grace Okafor');
    await program.call('POST', '/invitations', { email: grace.address });
    await expect.poll(() => receiver.actions()).toEqual(['invitation.created']);
    const [heard] = receiver.heard;
    expect(genuine(secret, heard)).toBe(true);
    const old = String(Number(heard.headers['webhook-timestamp']) - 360);
    for (const forged of [
      { ...heard, body: `${heard.body} ` },
      { ...heard, headers: { ...heard.headers, 'webhook-id': 'other' } },
      { ...heard, headers: { ...heard.headers, 'webhook-timestamp': old } },
    ]) expect(genuine(secret, forged)).toBe(false);
    expect(genuine('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', heard)).toBe(false);

    await page.reload();
    const row = page.getByRole('row', { name: /invitation\.created/ });
    await expect(row).toContainText('Delivered');
    // beside a narrow column it would be a card
    await expect(row.getByRole('cell').first()).toHaveCSS('display', 'table-cell');
    await row.getByRole('link', { name: /^Invitation: created/ }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Invitation: created');
    await expect(page.getByText('invitation.created', { exact: true })).toBeVisible();
    await expect(page.getByRole('region', { name: 'The body as it is sent' })).toContainText(grace.address);
    await expect(page.getByRole('listitem').filter({ hasText: '204' })).toBeVisible();
    await page.getByRole('button', { name: 'Send again' }).click();
    await expect(page.getByText('Sending again')).toBeVisible();
    await expect.poll(() => receiver.heard.length).toBe(2);
    expect(receiver.heard[1].headers['webhook-id']).toBe(heard.headers['webhook-id']);
    expect(receiver.heard[1].body).toBe(heard.body);
    expect(genuine(secret, receiver.heard[1])).toBe(true);
  } finally {
    receiver.stop();
  }
});

test('a failing webhook says why; its secret is replaced; it is disabled, enabled and deleted', async ({ page, acme }) => {
  const receiver = await Receiver.start();
  receiver.status = 500;
  try {
    const program = await Program.of(acme);
    const made = await program.call('POST', '/webhooks', { url: receiver.url, actions: ['invitation.created'] });
    await program.call('POST', '/invitations', { email: acme.person('Grace Okafor').address });
    await expect.poll(() => receiver.heard.length).toBeGreaterThan(0);
    await signIn(page, acme.owner);
    await page.goto(acme.path(`webhooks/${made.id}`));
    await expect(page.getByText('No delivery has succeeded since')).toBeVisible();
    await page.getByRole('link', { name: /^Invitation: created/ }).click();
    await expect(page.getByRole('listitem').filter({ hasText: '500' }).first()).toBeVisible();
    await page.getByText('Response', { exact: true }).first().click();
    await expect(page.getByText('Out of order').first()).toBeVisible();
    await page.getByRole('link', { name: 'Webhook', exact: true }).click();

    await page.getByRole('link', { name: 'Replace secret…' }).click();
    await page.getByRole('button', { name: 'Replace secret' }).click();
    const secret = await page.getByLabel('Signing secret').inputValue();
    await page.getByRole('link', { name: 'Done' }).click();
    await page.getByRole('button', { name: 'Disable' }).click();
    await expect(page.getByText('Nothing is being sent')).toBeVisible();
    await page.getByRole('button', { name: 'Enable' }).click();
    await expect(page.getByText('Webhook enabled')).toBeVisible();
    receiver.status = 204;
    const before = receiver.heard.length;
    await program.call('POST', '/invitations', { email: acme.person('Joan Whitlock').address });
    await expect.poll(() => receiver.heard.length).toBeGreaterThan(before);
    const last = receiver.heard[receiver.heard.length - 1];
    expect([genuine(secret, last), genuine(made.secret, last)]).toEqual([true, true]);

    await page.getByRole('link', { name: 'Edit', exact: true }).click();
    await page.getByLabel('Description').fill('Our CRM');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Our CRM');
    await page.getByRole('link', { name: 'Delete…' }).click();
    await page.getByRole('button', { name: 'Delete webhook' }).click();
    await expect(page.getByText('Webhook deleted')).toBeVisible();
  } finally {
    receiver.stop();
  }
});

test('the example of the documentation hears of events, and of nothing else', async ({ acme }) => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const program = await Program.of(acme);
  const { secret } = await program.call('POST', '/webhooks', { url, actions: ['invitation.created'] });
  const example: ChildProcess = spawn(process.execPath, [EXAMPLE, String(port)], { env: { ...process.env, WEBHOOK_SECRET: secret } });
  let said = '';
  example.stdout?.on('data', text => (said += text));
  try {
    const post = (headers: Record<string, string>) => fetch(url, { method: 'POST', body: '{}', headers }).then(answer => answer.status, () => 0);
    await expect.poll(() => post({})).toBe(401);
    const time = String(Math.floor(Date.now() / 1000));
    expect(await post({ 'webhook-id': 'x', 'webhook-timestamp': time, 'webhook-signature': 'v1,AAAA' })).toBe(401);
    const signature = new Webhook(secret).sign('x', new Date(Date.now() - 360_000), '{}');
    const old = String(Math.floor((Date.now() - 360_000) / 1000));
    expect(await post({ 'webhook-id': 'x', 'webhook-timestamp': old, 'webhook-signature': signature })).toBe(401);
    const grace = acme.person('Grace Okafor');
    await program.call('POST', '/invitations', { email: grace.address });
    await expect.poll(() => said).toContain(`invitation.created {"email":"${grace.address}"`);
  } finally {
    example.kill();
  }
});
