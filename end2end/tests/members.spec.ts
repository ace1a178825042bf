// Who belongs: roles are changed, people are removed or leave, and an owner always stays.
import { readFileSync } from 'node:fs';
import { expect, test } from '../support/check';
import { signIn } from '../support/people';

test('a role is changed', async ({ page, acme }) => {
  const grace = acme.person('Grace Okafor');
  await acme.welcomes(grace);
  await signIn(page, acme.owner);
  await page.goto(acme.path('members'));
  await expect(page.getByText('2 people belong to Acme Press.')).toBeVisible();
  await page.getByRole('row', { name: /Grace Okafor/ }).getByRole('link').first().click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Grace Okafor');
  await page.getByRole('checkbox', { name: /^Member/ }).uncheck();
  await page.getByRole('button', { name: 'Save roles' }).click();
  await expect(page.getByRole('group', { name: 'Roles of Grace Okafor' })).toHaveAccessibleDescription(/Choose at least one role/);
  await page.getByRole('checkbox', { name: /^Admin/ }).check();
  await page.getByRole('button', { name: 'Save roles' }).click();
  await expect(page.getByText('Roles of Grace Okafor updated')).toBeVisible();
  await expect(page.getByRole('row', { name: /Grace Okafor/ })).toContainText('Admin');
});

test('a member is removed, after one question, and is out at once', async ({ page, acme }) => {
  const grace = acme.person('Grace Okafor');
  await acme.welcomes(grace);
  const desk = await acme.desk();
  await signIn(page, grace);
  await page.goto(acme.path('members'));
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Members');

  await desk.goto(acme.path('members'));
  await desk.getByRole('row', { name: /Grace Okafor/ }).getByRole('link').first().click();
  await desk.getByRole('link', { name: 'Remove…' }).click();
  await expect(desk.getByRole('heading', { level: 1 })).toHaveText('Remove Grace Okafor?');
  await desk.getByRole('button', { name: 'Remove Grace Okafor' }).click();
  await expect(desk.getByText('Grace Okafor is no longer a member')).toBeVisible();
  await expect(desk.getByRole('row', { name: /Grace Okafor/ })).toHaveCount(0);

  await page.reload();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('There is no such organization');
});

test('a member leaves', async ({ page, acme }) => {
  const grace = acme.person('Grace Okafor');
  await acme.welcomes(grace);
  await signIn(page, grace);
  await page.goto(acme.path('members'));
  await page.getByRole('link', { name: 'Leave…' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Leave Acme Press?');
  await page.getByRole('button', { name: 'Leave Acme Press' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('You don’t belong to any organization');
});

test('the last owner stays', async ({ page, acme }) => {
  await signIn(page, acme.owner);
  await page.goto(acme.path('members'));
  await page.getByRole('link', { name: 'Leave…' }).click();
  await expect(page.getByText('Ada Byrne is the last owner, so the role stays')).toBeVisible();
  await expect(page.getByText('Make someone else an owner first.')).toBeVisible();
  await expect(page.getByRole('button', { name: /^Leave/ })).toHaveCount(0);
  await page.getByRole('link', { name: 'Choose an owner' }).click();
  await page.getByRole('row', { name: /Ada Byrne/ }).getByRole('link').first().click();
  await expect(page.getByRole('checkbox', { name: 'Owner' })).toBeDisabled();
  await expect(page.getByRole('checkbox', { name: 'Owner' })).toBeChecked();
});

test('with a second owner the first can leave', async ({ page, acme }) => {
  const grace = acme.person('Grace Okafor');
  await acme.welcomes(grace, { roles: ['Owner'] });
  await signIn(page, acme.owner);
  await page.goto(acme.path('members'));
  await page.getByRole('link', { name: 'Leave…' }).click();
  await page.getByRole('button', { name: 'Leave Acme Press' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('You don’t belong to any organization');
});

test('an admin cannot change an owner, nor give what an owner has', async ({ page, acme }) => {
  const grace = acme.person('Grace Okafor');
  await acme.welcomes(grace, { roles: ['Admin'] });
  await signIn(page, grace);
  await page.goto(acme.path('members'));
  await page.getByRole('row', { name: /Ada Byrne/ }).getByRole('link').first().click();
  await expect(page.getByText('Ada Byrne is Owner, which holds permissions you don’t have. Ask an owner to change this.')).toBeVisible();
  await expect(page.getByRole('checkbox')).toHaveCount(0);
  await page.goto(acme.path('invitations/new'));
  await expect(page.getByRole('checkbox', { name: /^Admin/ })).toBeVisible();
  await expect(page.getByRole('checkbox', { name: /^Owner/ })).toHaveCount(0);
});

test('the list says who invited people, and is saved as a file', async ({ page, acme }) => {
  const grace = acme.person('Grace Okafor');
  await acme.welcomes(grace);
  await signIn(page, acme.owner);
  await page.goto(acme.path('members'));
  const row = page.getByRole('row', { name: /Grace Okafor/ });
  await expect(row.getByRole('cell', { name: 'Ada Byrne', exact: true })).toBeVisible();
  for (const [name, file, lines] of [['CSV', 'csv', 3], ['NDJSON', 'ndjson', 2]] as const) {
    const saving = page.waitForEvent('download');
    await page.getByRole('link', { name: `Export ${name}`, exact: true }).click();
    const saved = await saving;
    expect(saved.suggestedFilename()).toBe(`${acme.slug}-members.${file}`);
    const text = readFileSync(await saved.path(), 'utf8');
    expect(text.trimEnd().split('\n')).toHaveLength(lines);
    expect(text).toContain(grace.address);
  }
});

test('a search that finds nobody leads back to everybody', async ({ page, acme }) => {
  await signIn(page, acme.owner);
  await page.goto(acme.path('members?q=nobody'));
  await expect(page.getByRole('heading', { name: 'No member matches' })).toBeVisible();
  await page.getByRole('link', { name: 'Clear the filters' }).click();
  await expect(page.getByRole('row', { name: /Ada Byrne/ })).toBeVisible();
});
