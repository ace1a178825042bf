// The list of invitations: tabs, search, roles, pages, and what is done to many at once.
import type { Page } from '@playwright/test';
import { expect, test } from '../support/check';
import { accept, forgetSession, signIn, type Organization } from '../support/people';

const tab = (page: Page, name: string) => page.getByRole('navigation', { name: 'Status' }).getByRole('link', { name: new RegExp(`^${name}`) });
const rows = (page: Page) => page.getByRole('table').getByRole('rowgroup').last().getByRole('row');

async function search(page: Page, text: string) {
  await page.getByLabel('Search by name or email address').fill(text);
  await page.getByLabel('Search by name or email address').press('Enter');
}

/** One invitation in each state that people bring about. */
async function livedIn(acme: Organization, page: Page) {
  const [grace, alan, joan, noor] = ['Grace Okafor', 'Alan Pemberton', 'Joan Whitlock', 'Noor El-Sayed'].map(name => acme.person(name)) as [never, never, never, never];
  await acme.welcomes(grace, { roles: ['Admin'] });
  await page.goto(await acme.invitesByMail(alan));
  await page.getByRole('link', { name: 'Decline the invitation' }).click();
  await page.getByRole('button', { name: 'Decline' }).click();
  await acme.invites(joan);
  await acme.revokes(joan);
  await acme.invites(noor, { roles: ['Admin'] });
}

test('tabs show each state with its count', async ({ page, acme }) => {
  await livedIn(acme, page);
  await signIn(page, acme.owner);
  await expect(tab(page, 'All')).toHaveText(/4$/);
  await expect(rows(page)).toHaveCount(4);
  for (const [name, who] of [['Pending', 'Noor El-Sayed'], ['Accepted', 'Grace Okafor'], ['Declined', 'Alan Pemberton'], ['Revoked', 'Joan Whitlock']] as const) {
    await expect(tab(page, name)).toHaveText(/1$/);
    await tab(page, name).click();
    await expect(rows(page)).toHaveCount(1);
    await expect(rows(page)).toContainText(who);
    await expect(tab(page, name)).toHaveAttribute('aria-current', 'page');
  }
  await tab(page, 'Expired').click();
  await expect(page.getByText('No invitation matches.')).toBeVisible();
  await page.getByRole('link', { name: 'Clear the filters' }).click();
  await expect(rows(page)).toHaveCount(4);
});

test('search finds names and addresses, and roles narrow it down', async ({ page, acme, javaScriptEnabled }) => {
  await livedIn(acme, page);
  await signIn(page, acme.owner);
  await expect(page.getByRole('button', { name: 'Search' })).toHaveCount(javaScriptEnabled === false ? 1 : 0);
  await search(page, 'pemberton');
  await expect(rows(page)).toHaveCount(1);
  await expect(rows(page)).toContainText('Alan Pemberton');
  await expect(tab(page, 'All')).toHaveText(/1$/);
  await search(page, `joan@${acme.slug}`);
  await expect(rows(page)).toHaveCount(1);
  await expect(rows(page)).toContainText('Joan Whitlock');
  await search(page, '');
  await expect(rows(page)).toHaveCount(4);
  await page.getByLabel('Role').selectOption({ label: 'Admin' });
  await page.getByLabel('Search by name or email address').press('Enter');
  await expect(rows(page)).toHaveCount(2);
  await expect(rows(page).first()).toContainText('Noor El-Sayed');
  await search(page, 'nobody at all');
  await expect(page.getByText('No invitation matches.')).toBeVisible();
});

test('more filters are folded away, and find invitations by mail and by day', async ({ page, acme, javaScriptEnabled }) => {
  await acme.invites(acme.person('Grace Okafor'));
  await acme.invites(acme.person('Alan Pemberton'), { linkOnly: true });
  await signIn(page, acme.owner);
  const [mail, from] = [page.getByLabel('Mail', { exact: true }), page.getByLabel('Invited from')];
  const submit = async (): Promise<void> => {
    if (javaScriptEnabled === false) await page.getByRole('button', { name: 'Search' }).click();
  };
  await expect(mail).toBeHidden();
  await page.getByText('More filters').click();
  await mail.selectOption('Link only');
  await submit();
  await expect(rows(page)).toHaveCount(1);
  await expect(rows(page)).toContainText('Alan Pemberton');
  await tab(page, 'Pending').click();
  await expect(tab(page, 'Pending')).toHaveAttribute('aria-current', 'page');
  await expect(rows(page)).toHaveCount(1);
  await page.reload();
  await expect(mail).toBeVisible();
  await expect(mail).toHaveValue('link_only');
  await from.fill('2100-01-01');
  await submit();
  await expect(page.getByText('No invitation matches.')).toBeVisible();
  await expect(page).toHaveURL(/status=pending.*mail=link_only.*created_from=2100-01-01/);
  await page.getByRole('link', { name: 'Clear the filters' }).click();
  await expect(rows(page)).toHaveCount(2);
  await expect(mail).toHaveValue('');
  await expect(from).toHaveValue('');
});

test('an invitation leads to all by the same person, and those to all by anybody', async ({ page, acme }) => {
  await acme.invites(acme.person('Grace Okafor'));
  await signIn(page, acme.owner);
  await rows(page).getByRole('link', { name: 'Grace Okafor' }).click();
  await page.getByRole('link', { name: 'All invitations by Ada Byrne' }).click();
  const words = page.getByText('Invited by Ada Byrne');
  await expect(words).toBeVisible();
  await expect(rows(page)).toHaveCount(1);
  await search(page, 'nobody at all');
  await expect(page.getByText('No invitation matches.')).toBeVisible();
  await expect(words).toBeVisible();
  await page.getByRole('link', { name: 'Show all' }).click();
  await expect(words).toHaveCount(0);
  await search(page, 'okafor');
  await expect(rows(page)).toHaveCount(1);
  await expect(page).not.toHaveURL(/inviter=/);
});

test('pages follow each other without a gap, and lead back', async ({ page, acme }) => {
  const addresses = Array.from({ length: 60 }, (_, number) => `person-${String(number).padStart(2, '0')}@${acme.slug}.example`);
  await acme.invites(addresses.join('\n'));
  await signIn(page, acme.owner);
  await expect(tab(page, 'All')).toHaveText(/60$/);
  await expect(rows(page)).toHaveCount(50);
  const seen = await rows(page).getByRole('link').allInnerTexts();
  await page.getByRole('link', { name: 'Older' }).click();
  await expect(rows(page)).toHaveCount(10);
  seen.push(...(await rows(page).getByRole('link').allInnerTexts()));
  expect([...seen].sort()).toEqual(addresses);
  await page.getByRole('link', { name: 'Newer' }).click();
  await expect(rows(page)).toHaveCount(50);
  expect(await rows(page).getByRole('link').allInnerTexts()).toEqual(seen.slice(0, 50));
});

test('several are selected and resent at once', async ({ page, acme, server }) => {
  const people = ['Grace Okafor', 'Alan Pemberton', 'Joan Whitlock'].map(name => acme.person(name));
  await acme.invites(people.map(person => `${person.name} <${person.address}>`).join('; '));
  for (const person of people) await acme.linkFor(person);
  await signIn(page, acme.owner);
  await page.getByRole('checkbox', { name: 'Select Grace Okafor' }).check();
  await page.getByRole('checkbox', { name: 'Select Alan Pemberton' }).check();
  await page.getByRole('group', { name: 'Selected invitations' }).getByRole('button', { name: /^Resend/ }).click();
  await expect(page.getByText('2 invitations resent')).toBeVisible();
  // once it can't be undone any more
  await acme.linkFor(people[0]!);
  await acme.linkFor(people[1]!);
  expect(server.mailbox.letters(people[2]!.address)).toHaveLength(1);
});

test('several are selected and revoked; without scripts after one question that names them', async ({ page, acme, javaScriptEnabled }) => {
  const people = ['Grace Okafor', 'Alan Pemberton', 'Joan Whitlock'].map(name => acme.person(name));
  await acme.invites(people.map(person => `${person.name} <${person.address}>`).join('; '));
  const url = await acme.linkFor(people[0]!);
  await signIn(page, acme.owner);
  await tab(page, 'Pending').click();
  await expect(tab(page, 'Pending')).toHaveAttribute('aria-current', 'page');
  await page.getByRole('checkbox', { name: 'Select Grace Okafor' }).check();
  await page.getByRole('checkbox', { name: 'Select Joan Whitlock' }).check();
  await page.getByRole('group', { name: 'Selected invitations' }).getByRole('button', { name: 'Revoke' }).click();
  if (javaScriptEnabled === false) {
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Revoke 2 invitations?');
    await expect(page.getByRole('main')).toContainText('The links stop working immediately. You can undo this for ten seconds, or invite the same people again.');
    await expect(page.getByRole('listitem').filter({ hasText: 'Joan Whitlock' })).toBeVisible();
    await page.getByRole('button', { name: 'Revoke 2' }).click();
  }
  await expect(page.getByText('2 invitations revoked')).toBeVisible();
  await expect(page).toHaveURL(/status=pending/);
  await expect(rows(page)).toHaveCount(1);
  await expect(rows(page)).toContainText('Alan Pemberton');
  await forgetSession(page);
  await page.goto(url);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('This invitation was withdrawn');
});

test('a member who may not invite sees the list and nothing to change it with', async ({ page, acme }) => {
  const grace = acme.person('Grace Okafor');
  await page.goto(await acme.invitesByMail(grace));
  await accept(page, grace, acme.name);
  await page.goto(acme.path('invitations'));
  await expect(rows(page)).toHaveCount(1);
  await expect(page.getByRole('link', { name: 'Invite people' })).toHaveCount(0);
  await expect(page.getByRole('checkbox')).toHaveCount(0);
  await page.goto(acme.path('invitations/new'));
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('You don’t have permission to do this');
  await expect(page.getByText('Your roles don’t let you invite people. Ask an owner for one that does.')).toBeVisible();
});
