// The example of docs/: a program invites, and the invitee comes back to its site with proof of who accepted.
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { Program } from '../support/api';
import { expect, test } from '../support/check';
import { link } from '../support/mailbox';
import { PASSWORD } from '../support/people';
import { freePort } from '../support/server';

const EXAMPLE = resolve(import.meta.dirname, '../../docs/examples/receiving-site.mjs');

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(() => true, () => false);
}

test('who accepts is taken to the site, which greets them once', async ({ page, acme, server, complaints }) => {
  const program = await Program.of(acme);
  const port = await freePort();
  const site = `http://127.0.0.1:${port}`;
  const env = { ...process.env, VESTIBULE: server.url, ORGANIZATION: acme.slug, VESTIBULE_KEY: program.token };
  const example = spawn(process.execPath, [EXAMPLE, String(port)], { env, stdio: 'inherit' });
  try {
    await expect.poll(() => answers(site)).toBe(true);
    await program.call('PATCH', '', { redirect_origins: [site] });
    const grace = acme.person('Grace Okafor');
    await program.call('POST', '/invitations', { email: grace.address, redirect_url: `${site}/welcome` });
    await page.goto(link(await server.mailbox.next(grace.address), '/i/'));
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Acme Press invites you to join');
    await page.getByLabel('Your name').fill(grace.name);
    await page.getByLabel('Choose a password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Join Acme Press' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Welcome, Grace Okafor');
    await expect(page.getByText(`${grace.address}, signed_up`)).toBeVisible();
    // the one request that leaves is the one that was asked for
    expect(complaints.splice(0)).toEqual([`asked of others: ${page.url()}`]);
    const again = await fetch(page.url());
    expect([again.status, await again.text()]).toEqual([403, expect.stringContaining('A ticket works only once')]);
  } finally {
    example.kill();
  }
});
