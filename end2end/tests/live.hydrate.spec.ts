// What scripts add: news without reload, help while typing, and nothing that jumps.
import type { Page } from '@playwright/test';
import { expect, test } from '../support/check';
import { PASSWORD, accept, anotherBrowser, signIn } from '../support/people';

/** Until what was there at the call has been drawn. */
const twoFrames = (page: Page) => page.evaluate(() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))));

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

test('a link is copied', async ({ page, context, acme }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const url = await acme.handsLinkTo(acme.person('Grace Okafor'));
  await signIn(page, acme.owner);
  await page.getByRole('link', { name: 'Grace Okafor' }).click();
  await page.getByRole('button', { name: 'Copy' }).click();
  await expect(said(page, 'Copied.')).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(url);
});

test('a new row appears by itself, and what was begun stays as it was', async ({ page, acme }) => {
  await acme.invites(acme.person('Grace Okafor'));
  const listening = page.waitForRequest(/\/feed$/);
  await signIn(page, acme.owner);
  await listening;
  await page.evaluate(() => Object.assign(window, { sameDocument: true }));
  const ticked = page.getByRole('checkbox', { name: 'Select Grace Okafor' });
  await ticked.check();
  await expect(said(page, '1 selected')).toBeAttached();
  // typed, and not yet searched for: as long as one types, the timer begins anew
  const box = page.getByLabel('Search by name or email address');
  await box.focus();
  await acme.invites(acme.person('Alan Pemberton'));
  await expect(page.getByRole('row', { name: /Alan Pemberton/ })).toContainText('Pending');
  await expect(page.getByRole('navigation', { name: 'Status' }).getByRole('link', { name: /^Pending/ })).toHaveText(/2$/);
  await expect(page.getByRole('checkbox', { name: 'Select Alan Pemberton' })).not.toBeChecked();
  await expect(ticked).toBeChecked();
  await expect(page.getByRole('checkbox', { name: 'Select all on this page' })).toHaveJSProperty('indeterminate', true);
  await expect(box).toBeFocused();
  await page.getByRole('link', { name: 'Grace Okafor' }).focus();
  await acme.invites(acme.person('Joan Whitlock'));
  await expect(page.getByRole('row', { name: /Joan Whitlock/ })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Grace Okafor' })).toBeFocused();
  expect(await page.evaluate(() => 'sameDocument' in window)).toBe(true);
});

test('what is being typed is not lost when something happens elsewhere', async ({ page, acme }) => {
  await acme.invites(acme.person('Grace Okafor'));
  const listening = page.waitForRequest(/\/feed$/);
  await signIn(page, acme.owner);
  await page.goto(acme.path('members'));
  await listening;
  const box = page.getByLabel('Search by name or email address');
  const refreshed = page.waitForResponse(response => 'x-vestibule-refresh' in response.request().headers());
  // set by a script, so that no search begins
  await box.evaluate((field: HTMLInputElement) => (field.value = 'half a wo'));
  await acme.invites(acme.person('Alan Pemberton'));
  await refreshed;
  await expect(page.getByRole('link', { name: /^Invitations/ }).filter({ visible: true })).toHaveText(/2$/);
  await expect(box).toHaveValue('half a wo');
});

test('the timeline grows by itself', async ({ page, browser, extraHTTPHeaders, acme, server }) => {
  const grace = acme.person('Grace Okafor');
  const url = await acme.invitesByMail(grace);
  await signIn(page, acme.owner);
  const listening = page.waitForRequest(/\/feed$/);
  await page.getByRole('link', { name: 'Grace Okafor' }).click();
  await expect(page.getByText('Waiting for Grace')).toBeVisible();
  await listening;
  const elsewhere = await anotherBrowser(browser, server.url, extraHTTPHeaders ?? {});
  await elsewhere.goto(url);
  await expect(page.getByText('Link opened')).toBeVisible();
  await accept(elsewhere, grace, acme.name);
  await expect(page.getByText('Grace Okafor accepted', { exact: true })).toBeVisible();
  await expect(page.getByText('Waiting for Grace')).toHaveCount(0);
  await expect(page.getByRole('button', { name: /^Resend/ })).toHaveCount(0);
});

test('a new member appears among the members', async ({ page, acme }) => {
  await signIn(page, acme.owner);
  const listening = page.waitForRequest(/\/feed$/);
  await page.goto(acme.path('members'));
  await listening;
  await expect(page.getByText('1 person belongs to Acme Press.')).toBeVisible();
  await acme.welcomes(acme.person('Grace Okafor'));
  await expect(page.getByRole('row', { name: /Grace Okafor/ })).toBeVisible();
  await expect(page.getByText('2 people belong to Acme Press.')).toBeVisible();
});

test('the list follows as one types, and the way back leads through what was searched for', async ({ page, acme }) => {
  await acme.invites(`Grace Okafor <grace@${acme.slug}.example>, Alan Pemberton <alan@${acme.slug}.example>`);
  const listening = page.waitForRequest(/\/feed$/);
  await signIn(page, acme.owner);
  await listening;
  await page.evaluate(() => Object.assign(window, { sameDocument: true }));
  const box = page.getByLabel('Search by name or email address');
  const rows = page.getByRole('checkbox', { name: /^Select (Grace|Alan)/ });
  await expect(rows).toHaveCount(2);
  await box.pressSequentially('pemb');
  await expect(rows).toHaveCount(1);
  await expect(page).toHaveURL(/\?q=pemb$/);
  await expect(box).toBeFocused();
  await box.pressSequentially('erton');
  await expect(page).toHaveURL(/\?q=pemberton$/);
  await page.getByLabel('Role').selectOption({ label: 'Admin' });
  await expect(page.getByText('No invitation matches.')).toBeVisible();
  await page.goBack();
  await expect(rows).toHaveCount(1);
  await expect(box).toHaveValue('pemberton');
  await expect(page.getByLabel('Role')).toHaveValue('');
  await page.goBack();
  await expect(rows).toHaveCount(2);
  await expect(box).toHaveValue('');
  await page.goForward();
  await expect(rows).toHaveCount(1);
  await expect(box).toHaveValue('pemberton');
  expect(await page.evaluate(() => 'sameDocument' in window)).toBe(true);
});

test('an answer that does not come is told, and what is shown stays', async ({ page, acme, complaints }) => {
  await acme.invites(acme.person('Grace Okafor'));
  const listening = page.waitForRequest(/\/feed$/);
  await signIn(page, acme.owner);
  await listening;
  await page.route(/fn\/invitations\/list$/, route => route.abort(), { times: 1 });
  await page.getByLabel('Search by name or email address').fill('grace');
  await expect(page.getByRole('alert')).toContainText('No response');
  await expect(page.getByRole('row', { name: /Grace Okafor/ })).toBeVisible();
  // the browser's own word for it
  await expect.poll(() => complaints.splice(0)).toEqual(['console: Failed to load resource: net::ERR_FAILED']);
  await page.getByRole('alert').getByRole('link', { name: 'Load the page again' }).click();
  await expect(page.getByRole('alert')).toHaveCount(0);
  await expect(page.getByLabel('Search by name or email address')).toHaveValue('grace');
  await expect(page.getByRole('row', { name: /Grace Okafor/ })).toBeVisible();
});

test('who is signed out meanwhile is told, and led to signing in', async ({ page, acme }) => {
  const listening = page.waitForRequest(/\/feed$/);
  await signIn(page, acme.owner);
  await page.goto(acme.path('members'));
  await listening;
  await page.context().clearCookies();
  await page.getByLabel('Search by name or email address').fill('ada');
  await expect(page.getByRole('alert')).toContainText('you are signed out');
  await expect(page.getByRole('row', { name: /Ada Byrne/ })).toBeVisible();
  await page.getByRole('alert').getByRole('link', { name: 'Load the page again' }).click();
  await expect(page).toHaveURL(/\/sign-in\?next=/);
});

test('rows are picked at once, and the keyboard goes through them', async ({ page, acme }) => {
  await acme.invites(`Grace Okafor <grace@${acme.slug}.example>, Alan Pemberton <alan@${acme.slug}.example>`);
  const listening = page.waitForRequest(/\/feed$/);
  await signIn(page, acme.owner);
  await listening;
  await page.getByRole('checkbox', { name: 'Select all on this page' }).check();
  await expect(said(page, '2 selected')).toBeAttached();
  await page.getByRole('button', { name: 'Clear' }).click();
  await expect(page.getByRole('checkbox', { checked: true })).toHaveCount(0);
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  await expect(said(page, '1 selected')).toBeAttached();
  await page.keyboard.press('?');
  const keys = page.getByRole('dialog', { name: 'Keyboard' });
  await keys.getByRole('checkbox', { name: 'Listen to single letters' }).uncheck();
  await keys.getByRole('button', { name: 'Close' }).click();
  await page.keyboard.press('x');
  await expect(said(page, '1 selected')).toBeAttached();
});

test('times are said in the viewer’s zone', async ({ browser, acme, server, extraHTTPHeaders }) => {
  const grace = acme.person('Grace Okafor');
  await acme.invites(grace);
  const told = (zone: string) => new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: zone });
  for (const zone of ['Asia/Kolkata', 'America/St_Johns']) {
    const context = await browser.newContext({ baseURL: server.url, timezoneId: zone, extraHTTPHeaders });
    const page = await context.newPage();
    await signIn(page, acme.owner);
    await page.getByRole('link', { name: 'Grace Okafor' }).click();
    const ends = page.getByRole('definition').filter({ has: page.getByRole('time') }).first().getByRole('time');
    const at = new Date((await ends.getAttribute('datetime'))!);
    await expect(ends).toContainText(told(zone).format(at));
    await context.close();
  }
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
      // a page that is still being read moves by itself on a slow machine, so scripts wait until it stands
      let letScriptsGo!: () => void;
      const stands = new Promise<void>(done => (letScriptsGo = done));
      await page.route(/\/pkg\/.*\.js/, route => stands.then(() => route.continue()));
      const listening = page.waitForRequest(/\/feed$/);
      await page.goto(acme.path(path), { waitUntil: 'commit' });
      await page.waitForFunction(() => document.readyState !== 'loading');
      await twoFrames(page);
      await page.evaluate(() => (window as unknown as { shifts: string[] }).shifts.splice(0));
      letScriptsGo();
      await listening;
      await twoFrames(page);
      await page.unrouteAll();
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
  await tabTo(/^Email address$/);
  await page.keyboard.type(acme.owner.address);
  await tabTo(/^Password/);
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Invitations');
  await tabTo(/^Invite people/);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Invite people');
  await tabTo(/^Email addresses/);
  await page.keyboard.type(`Grace Okafor <${grace.address}>`);
  await tabTo(/^Invite/);
  await page.keyboard.press('Enter');
  await expect(page.getByText('1 person invited')).toBeVisible();
  expect((await server.mailbox.next(grace.address)).subject).toBe('Ada Byrne invites you to join Acme Press');
});
