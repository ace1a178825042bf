// What pages look like for those who see, tap and read in other ways: forced colours, fingers, long names, narrow windows.
import { randomUUID } from 'node:crypto';
import type { Locator, Page } from '@playwright/test';
import { Program } from '../support/api';
import { expect, test } from '../support/check';
import { scripted, signIn } from '../support/people';

/** What everything that is tapped is high, in pixels (WCAG 2.5.8). */
const TARGET = 24;
const WIDTHS = [320, 390, 768, 1280];
const LONG = 'Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenfabrik';

const css = (element: Locator, property: string): Promise<string> =>
  element.first().evaluate((element, property) => getComputedStyle(element).getPropertyValue(property), property);

/** Every link that is seen among these is high enough. */
async function canBeTapped(links: Locator): Promise<void> {
  await expect(links.first()).toBeVisible();
  for (const link of await links.filter({ visible: true }).all()) {
    const { height } = (await link.boundingBox())!;
    expect.soft(height, await link.innerText()).toBeGreaterThanOrEqual(TARGET);
  }
}

/** How far the name in a button is from the words before it, and how wide a space is there. */
const apart = (button: Locator): Promise<{ distance: number; space: number }> => button.evaluate(button => {
  const name = button.querySelector('bdi')!;
  const texts = document.createTreeWalker(button, NodeFilter.SHOW_TEXT);
  let words: Text | null = null;
  for (let text = texts.nextNode() as Text; !name.contains(text); text = texts.nextNode() as Text) if (text.data.trim()) words = text;
  const range = document.createRange();
  range.setStart(words!, 0);
  range.setEnd(words!, words!.data.trimEnd().length);
  const distance = name.getBoundingClientRect().left - range.getBoundingClientRect().right;
  const probe = name.parentElement!.appendChild(document.createElement('span'));
  probe.style.cssText = 'position: absolute; white-space: pre';
  const width = (text: string): number => {
    probe.textContent = text;
    return probe.getBoundingClientRect().width;
  };
  return { distance, space: width('n n') - width('nn') };
});

const scrollsSideways = (page: Page): Promise<boolean> =>
  page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);

test('with forced colours, what is current, filled or chosen differs from the rest', async ({ page, acme }) => {
  await acme.invites(acme.person('Grace Okafor'));
  await signIn(page, acme.owner);
  await page.emulateMedia({ forcedColors: 'active' });
  await page.goto(acme.path('invitations'));
  const differ = async (one: string, other: string, property: string): Promise<void> =>
    expect.soft(await css(page.locator(one), property), `${property} of ${one}`).not.toBe(await css(page.locator(other), property));
  await differ('.tabs__link[aria-current]', '.tabs__link:not([aria-current])', 'border-bottom-color');
  await differ('.app__side .nav__link[aria-current]', '.app__side .nav__link:not([aria-current])', 'border-bottom-color');
  await expect(page.locator('.filters select').first()).toHaveCSS('appearance', 'auto');

  await page.goto(acme.path('invitations/new'));
  await differ('.panel__foot .button--main', '.panel__foot button:not(.button--main)', 'background-color');
  await differ('.segments__part:has(:checked)', '.segments__part:not(:has(:checked))', 'background-color');
  const filled = await css(page.locator('.panel__foot .button--main'), 'background-color');
  await page.goto(acme.path('invitations'));
  await page.getByRole('cell').getByRole('link', { name: 'Grace Okafor' }).click();
  await expect(page.locator('.page__title .badge')).toHaveCSS('border-top-style', 'solid');
  await page.goto(`${page.url()}/revoke`);
  await expect(page.locator('.button--danger-fill')).toHaveCSS('background-color', filled);
});

test('links that stand alone are high enough to tap', async ({ page, acme }) => {
  await acme.invites(acme.person('Grace Okafor'));
  await signIn(page, acme.owner);
  for (const list of ['invitations', 'members', 'outbox', 'audit']) {
    await page.goto(acme.path(list));
    await canBeTapped(page.locator('main td a'));
  }
  await page.goto(acme.path('members/leave'));
  await canBeTapped(page.locator('.flash a'));
  await canBeTapped(page.locator('.page__back a'));
  await page.goto(acme.path('settings'));
  await page.locator('#name').fill('');
  await page.locator('#allowed_domains').fill('no domain');
  await page.locator('main .button--main').click();
  await expect(page.locator('.flash li a')).toHaveCount(2);
  await canBeTapped(page.locator('.flash a'));
});

test('in a button, a name is one space away from the verb', async ({ page, acme }) => {
  const program = await Program.of(acme);
  const role = await program.call('POST', '/roles', { key: 'editor', name: 'Editor', permissions: [] });
  const resource = await program.call('POST', '/resources', { name: 'Garden app' });
  await signIn(page, acme.owner);
  await page.goto(acme.path('keys'));
  const revoke = await page.locator('main a[href$="/revoke"]').first().getAttribute('href');
  for (const path of [acme.path(`roles/${role.id}/delete`), acme.path(`resources/${resource.id}/delete`), revoke!]) {
    await page.goto(path);
    const { distance, space } = await apart(page.locator('.button--danger-fill'));
    expect.soft(Math.abs(distance - space), `${distance} of ${space} px, ${path}`).toBeLessThan(1);
  }
});

test('names of 64 letters make no page scroll sideways', async ({ page, organization, server }) => {
  test.slow();
  const acme = await organization(LONG, { name: LONG, address: `ada@${randomUUID().slice(0, 8)}.example` });
  const [grace, alan] = [acme.person('Grace'), acme.person('Alan')].map(person => ({ ...person, name: LONG }));
  const program = await Program.of(acme);
  const role = await program.call('POST', '/roles', { key: 'long', name: LONG, permissions: ['org.read', 'org.user.read'] });
  const spare = await program.call('POST', '/roles', { key: 's'.repeat(40), name: `Vize${LONG}`, permissions: [] });
  const ids = { external_id: 'e'.repeat(64), bundle_id: 'b'.repeat(64) };
  const resource = await program.call('POST', '/resources', { name: LONG, ...ids });
  const unused = await program.call('POST', '/resources', { name: `Vize${LONG}` });
  const hook = await program.call('POST', '/webhooks', { url: 'http://127.0.0.1:9999/hooks', description: LONG, actions: ['role.deleted'] });
  await server.run(['key', 'create', '--organization', acme.slug, '--name', LONG, '--json']);
  await acme.welcomes(grace!, { roles: [LONG] });
  await acme.invites(alan!);
  await acme.revokes(alan!);
  const offer = { name: LONG, roles: ['long', 'admin'], resources: [resource.id], message: LONG };
  const invitation = await program.call('POST', '/invitations', { email: `joan@${acme.slug}.example`, ...offer });
  const { data: members } = await program.call('GET', '/members');
  const member = members.find((member: { email: string }) => member.email === grace!.address);

  await signIn(page, acme.owner);
  await page.goto(acme.path('keys'));
  const key = await page.locator('main a[href$="/revoke"]').first().getAttribute('href');
  const pages = [
    'invitations', 'invitations/new', `invitations/${invitation.id}`, `invitations/${invitation.id}/edit`, `invitations/${invitation.id}/revoke`,
    'members', 'members/leave', `members/${member.id}`, `members/${member.id}/remove`,
    'roles', `roles/${role.id}/edit`, `roles/${role.id}/delete`, `roles/${spare.id}/delete`,
    'resources', `resources/${resource.id}/edit`, `resources/${resource.id}/delete`, `resources/${unused.id}/delete`,
    'keys', 'webhooks', `webhooks/${hook.id}`, 'outbox', 'audit', 'settings', 'search?q=Donau',
  ];
  for (const path of [...pages.map(path => acme.path(path)), key!]) {
    await page.goto(path);
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 800 });
      expect.soft(await scrollsSideways(page), `${path} at ${width} px`).toBe(false);
    }
  }
});

test('many roles scroll in a box, and the button stays near', async ({ page, acme, javaScriptEnabled }) => {
  const program = await Program.of(acme);
  for (let number = 1; number <= 60; number++) {
    await program.call('POST', '/roles', { key: `team-${number}`, name: `Team ${number}`, permissions: [] });
  }
  await signIn(page, acme.owner);
  await page.goto(acme.path('invitations/new'));
  if (javaScriptEnabled !== false) await scripted(page);
  const box = page.getByRole('group', { name: 'Roles' }).locator('.choices');
  expect((await box.boundingBox())!.height).toBeLessThanOrEqual(256);
  expect((await page.locator('.panel__foot .button--main').boundingBox())!.y).toBeLessThan(1500);
  const roles = box.getByRole('checkbox');
  await roles.first().focus();
  for (let left = await roles.count(); left > 1; left--) await page.keyboard.press('Tab');
  await expect(roles.last()).toBeFocused();
  await expect(roles.last()).toBeInViewport();
});

test('the address beside the navigation is on one line, and its title has all of it', async ({ page, acme }) => {
  await signIn(page, acme.owner);
  await page.goto(acme.path('members'));
  const address = page.locator('.app__side .switcher__note');
  await expect(address).toHaveAttribute('title', acme.owner.address);
  const lines = await address.evaluate(address => address.getBoundingClientRect().height / parseFloat(getComputedStyle(address).lineHeight));
  expect(lines).toBeLessThan(1.5);
});

test('on a phone, the button to leave keeps its word', async ({ page, acme }) => {
  await signIn(page, acme.owner);
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(acme.path('members'));
  const leave = page.getByRole('main').getByRole('link', { name: 'Leave…' });
  expect((await leave.boundingBox())!.width).toBeGreaterThan(60);
});
