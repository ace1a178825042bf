// The audit log: who did what, found again, taken away as a file, and whether it is as it was written.
import { readFileSync } from 'node:fs';
import { Program } from '../support/api';
import { expect, test } from '../support/check';
import { scripted, signIn } from '../support/people';

test('the log tells who did what, and what stands behind it', async ({ page, acme }) => {
  const grace = acme.person('Grace Okafor');
  await acme.welcomes(grace);
  await signIn(page, acme.owner);
  await page.getByRole('link', { name: 'Audit log' }).filter({ visible: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Audit log' })).toBeVisible();
  const row = page.getByRole('row').filter({ hasText: 'Invited Grace Okafor as Member' });
  await expect(row).toContainText('Ada Byrne');
  await row.getByText('Invited Grace Okafor as Member').click();
  await expect(row.getByText('invitation.created')).toBeVisible();
  await row.getByRole('link', { name: 'Grace Okafor' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Grace Okafor' })).toBeVisible();
});

test('events are found by kind, by person, by name and by day', async ({ page, acme, javaScriptEnabled }) => {
  const [grace, alan] = [acme.person('Grace Okafor'), acme.person('Alan Pemberton')];
  await acme.welcomes(grace);
  await acme.invitesByMail(alan);
  await signIn(page, acme.owner);
  await page.goto(acme.path('audit'));
  const rows = page.getByRole('table', { name: 'Events, newest first' }).getByRole('row');
  const search = async (): Promise<void> => {
    if (!javaScriptEnabled) await page.getByRole('button', { name: 'Search' }).click();
  };

  await page.getByLabel('Kind').selectOption('Invitation: created');
  await search();
  await expect(rows).toHaveCount(3);
  await page.getByLabel('Search by name or email address').fill('alan');
  await page.getByLabel('Search by name or email address').press('Enter');
  await expect(rows).toHaveCount(2);
  await expect(rows.nth(1)).toContainText('Invited Alan Pemberton as Member');

  await page.getByLabel('Who').selectOption('Vestibule');
  await search();
  await expect(page.getByRole('heading', { name: 'No event matches' })).toBeVisible();
  await page.getByRole('link', { name: 'Clear the filters' }).click();
  await page.getByRole('link', { name: 'Grace Okafor' }).and(page.locator('[href*="actor="]')).first().click();
  await expect(rows).toHaveCount(3);
  await expect(rows.nth(2)).toContainText('Accepted');

  await page.goto(acme.path('audit'));
  await page.getByLabel('From').fill('2100-01-01');
  await search();
  await expect(page.getByRole('heading', { name: 'No event matches' })).toBeVisible();
});

test('what is shown can be saved as a file', async ({ page, acme }) => {
  await acme.invitesByMail(acme.person('Grace Okafor'));
  await signIn(page, acme.owner);
  await page.goto(acme.path('audit?action=invitation.created'));
  for (const [name, file, lines] of [['CSV', 'csv', 2], ['NDJSON', 'ndjson', 1]] as const) {
    const saving = page.waitForEvent('download');
    await page.getByRole('link', { name: `Export ${name}`, exact: true }).click();
    const saved = await saving;
    expect(saved.suggestedFilename()).toBe(`${acme.slug}-events.${file}`);
    const text = readFileSync(await saved.path(), 'utf8');
    expect(text.trimEnd().split('\n')).toHaveLength(lines);
    expect(text).toContain('invitation.created');
  }
});

test('the log says whether it is as it was written', async ({ page, acme }) => {
  await acme.invitesByMail(acme.person('Grace Okafor'));
  await signIn(page, acme.owner);
  await page.goto(acme.path('audit'));
  await page.getByRole('button', { name: 'Verify' }).click();
  await expect(page.getByText(/^All \d+ events are unchanged$/)).toBeVisible();
});

test.describe('far from Greenwich', () => {
  test.use({ timezoneId: 'Asia/Tokyo' });

  test('the log has the same times for everyone, in UTC', async ({ page, acme, javaScriptEnabled }) => {
    await signIn(page, acme.owner);
    await page.goto(acme.path('audit'));
    if (javaScriptEnabled !== false) await scripted(page);
    const time = page.getByRole('row').last().locator('time').first();
    const at = await time.getAttribute('datetime');
    await expect(time).toHaveText(new RegExp(`${at!.slice(11, 16)}\\sUTC$`));
  });
});

test('a change is told in words', async ({ page, acme }) => {
  const program = await Program.of(acme);
  const role = await program.call('POST', '/roles', { key: 'editor', name: 'Editor', permissions: [] });
  await program.call('PATCH', `/roles/${role.id}`, { name: 'Copy editor' });
  await signIn(page, acme.owner);
  await page.goto(acme.path('audit?action=role.edited'));
  await page.getByRole('row').last().locator('summary').click();
  await expect(page.getByText('Name: from Editor to Copy editor')).toBeVisible();
});
