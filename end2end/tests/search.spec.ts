// The page of the search, with and without scripts.
import { expect, test } from '../support/check';
import { signIn } from '../support/people';

test('the page finds people, pages and actions', async ({ page, acme }) => {
  await acme.invites(acme.person('Grace Okafor'));
  await signIn(page, acme.owner);
  await page.goto(acme.path('search'));
  await expect(page.getByRole('main').getByRole('link', { name: 'Audit log' })).toBeVisible();
  await page.getByRole('searchbox').fill('okafor grace');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main').getByRole('link', { name: 'Audit log' })).toHaveCount(0);
  expect(new URL(page.url()).searchParams.get('q')).toBe('okafor grace');
  await page.getByRole('main').getByRole('link', { name: 'Grace Okafor' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Grace Okafor' })).toBeVisible();
});
