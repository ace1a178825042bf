// What scripts add: news without reload, help while typing, and nothing that jumps.
import type { Page } from '@playwright/test';
import { expect, test } from '../support/check';
import { PASSWORD, accept, anotherBrowser, signIn } from '../support/people';

/** What is read aloud as it appears. */
const said = (page: Page, text: string) => page.getByRole('status').getByText(text);

test('an acceptance appears in the list without a reload, and is said', async ({ page, browser, extraHTTPHeaders, acme, server }) => {
  const grace = acme.person('Grace Okafor');
  const url = await acme.invitesByMail(grace);
  const listening = page.waitForRequest(/\/feed$/);
  await signIn(page, acme.owner);
  await listening;
  const row = page.getByRole('row', { name: /Grace Okafor/ });
  await expect(row).toContainText('Pending');
  await page.evaluate(() => Object.assign(window, { sameDocument: true }));

  const elsewhere = await anotherBrowser(browser, server.url, extraHTTPHeaders ?? {});
  await elsewhere.goto(url);
  await accept(elsewhere, grace, acme.name);

  await expect(said(page, 'Grace Okafor has accepted')).toBeVisible();
  await expect(row).toContainText('Accepted');
  await expect(page.getByRole('navigation', { name: 'Status' }).getByRole('link', { name: /^Accepted/ })).toHaveText(/1$/);
  await expect(page.getByRole('link', { name: /^Members/ }).filter({ visible: true })).toHaveText(/2$/);
  expect(await page.evaluate(() => 'sameDocument' in window)).toBe(true);
});

test('addresses are counted as they are typed, and the button says how many', async ({ page, acme }) => {
  await signIn(page, acme.owner);
  await page.goto(acme.path('invitations/new'));
  const box = page.getByLabel('Addresses');
  await expect(async () => {
    await box.fill(`grace@${acme.slug}.example; Ada <ada@${acme.slug}.example>\nGRACE@${acme.slug}.example, ludmila@example,org`);
    await expect(page.getByRole('status').filter({ hasText: '4 addresses read, 1 written twice. Look at this one again: ludmila@example,org' })).toBeVisible({ timeout: 2_000 });
  }).toPass();
  await expect(page.getByRole('button', { name: /^Invite 3 people/ })).toBeVisible();
  await box.fill('');
  await expect(page.getByRole('button', { name: /^Invite( Ctrl ↵)?$/ })).toBeVisible();
});

test('a link is copied', async ({ page, context, acme }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const url = await acme.handsLinkTo(acme.person('Grace Okafor'));
  await signIn(page, acme.owner);
  await page.getByRole('link', { name: 'Grace Okafor' }).click();
  await page.getByRole('button', { name: 'Copy' }).click();
  await expect(said(page, 'Copied.')).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(url);
});

test('moving about changes the page, not the document', async ({ page, acme }) => {
  await acme.invites(acme.person('Grace Okafor'));
  const listening = page.waitForRequest(/\/feed$/);
  await signIn(page, acme.owner);
  await listening;
  await page.evaluate(() => Object.assign(window, { sameDocument: true }));
  await page.getByRole('link', { name: /^Members/ }).filter({ visible: true }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Members');
  await expect(page).toHaveTitle('Members · Acme Press');
  await page.getByRole('link', { name: /^Outbox/ }).filter({ visible: true }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Outbox');
  await page.goBack();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Members');
  await page.getByRole('link', { name: /^Invitations/ }).filter({ visible: true }).click();
  await expect(page.getByRole('row', { name: /Grace Okafor/ })).toBeVisible();
  expect(await page.evaluate(() => 'sameDocument' in window)).toBe(true);
});

test('nothing moves when scripts take over', async ({ page, acme }) => {
  const grace = acme.person('Grace Okafor');
  await acme.welcomes(grace);
  await acme.invites(acme.person('Alan Pemberton'), { message: 'Come and do the plates with us.' });
  await page.addInitScript(() => {
    const shifts: string[] = [];
    Object.assign(window, { shifts });
    type Shift = PerformanceEntry & { value: number; hadRecentInput: boolean; sources: { node: Node | null }[] };
    new PerformanceObserver(list => {
      for (const entry of list.getEntries() as Shift[]) {
        const who = entry.sources.map(source => (source.node instanceof Element ? source.node.outerHTML : source.node?.textContent ?? '').slice(0, 80));
        if (entry.value > 0.0005) shifts.push(`${entry.value.toFixed(4)} ${who.join(' | ')}`);
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
  await signIn(page, acme.owner);
  const id = new URL((await acme.opens({ name: 'Alan Pemberton', address: `alan@${acme.slug}.example` })).url()).pathname.split('/').pop()!;
  for (const path of ['invitations', 'invitations/new', `invitations/${id}`, `invitations/${id}/edit`, `invitations/${id}/revoke`, 'members', 'outbox']) {
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 844 });
      const listening = page.waitForRequest(/\/feed$/);
      await page.goto(acme.path(path));
      await listening;
      await page.evaluate(() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))));
      const shifts = await page.evaluate(() => (window as unknown as { shifts: string[] }).shifts);
      expect.soft(shifts, `${path} at ${width} px`).toEqual([]);
    }
  }
});

test('somebody is invited by keyboard alone', async ({ page, acme, server }) => {
  const grace = acme.person('Grace Okafor');
  await page.goto('/sign-in');
  async function tabTo(label: RegExp) {
    for (let tries = 0; tries < 40; tries++) {
      await page.keyboard.press('Tab');
      const name = await page.evaluate(() => {
        const element = document.activeElement as HTMLInputElement | null;
        return element?.labels?.[0]?.textContent ?? element?.textContent ?? '';
      });
      if (label.test(name.trim())) return;
    }
    throw new Error(`Tab never came to ${label}`);
  }
  await tabTo(/^Address/);
  await page.keyboard.type(acme.owner.address);
  await tabTo(/^Password/);
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Invitations');
  await tabTo(/^Invite people/);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Invite people');
  await tabTo(/^Addresses/);
  await page.keyboard.type(`Grace Okafor <${grace.address}>`);
  await tabTo(/^Invite/);
  await page.keyboard.press('Enter');
  await expect(page.getByText('1 person invited')).toBeVisible();
  expect((await server.mailbox.next(grace.address)).subject).toBe('Ada Byrne invites you to join Acme Press');
});
