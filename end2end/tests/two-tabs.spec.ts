// Several invitations in one browser: each page answers its own, whatever was opened since.
import type { Page } from '@playwright/test';
import { expect, test } from '../support/check';
import { code } from '../support/mailbox';
import { PASSWORD, signIn, type Organization, type Person } from '../support/people';

/** Opens the invitation in a tab of its own. */
async function tab(page: Page, url: string): Promise<Page> {
  const opened = await page.context().newPage();
  await opened.goto(url);
  return opened;
}

async function waits(organization: Organization, whom: Person): Promise<void> {
  const desk = await organization.opens(whom);
  await expect(desk.getByText(`Waiting for ${whom.name.split(' ')[0]}`)).toBeVisible();
}

async function joins(page: Page, organization: Organization): Promise<void> {
  await page.getByLabel('Choose a password').fill(PASSWORD);
  await page.getByRole('button', { name: `Join ${organization.name}` }).click();
}

test('the first of two tabs joins the organization that it shows', async ({ page, acme, organization }) => {
  const grace = acme.person('Grace Okafor');
  const brine = await organization('Brine & Sons');
  await page.goto(await acme.invitesByMail(grace));
  const other = await tab(page, await brine.invitesByMail(grace, { roles: ['Admin'] }));
  await expect(other.getByRole('heading', { level: 1 })).toHaveText('Ada Byrne invites you to join Brine & Sons');

  await joins(page, acme);
  await expect(page).toHaveURL(acme.path('welcome'));
  await waits(brine, grace);

  // signed in by now, she sees what became of the other page, and answers that one
  await other.reload();
  await other.getByRole('button', { name: 'Join Brine & Sons' }).click();
  await expect(other).toHaveURL(brine.path('welcome'));
});

test('two addresses of one person: each page is for its own', async ({ page, acme, organization }) => {
  const [work, home] = [acme.person('Grace Okafor'), { name: 'Grace Home', address: acme.person('Grace Okafor').address.replace('grace@', 'grace.home@') }];
  const brine = await organization('Brine & Sons');
  await page.goto(await acme.invitesByMail(work));
  const other = await tab(page, await brine.invitesByMail(home));
  await joins(page, acme);
  await expect(page).toHaveURL(acme.path('welcome'));

  // signed in as the one, nothing is accepted for the other
  await joins(other, brine);
  await expect(other.getByRole('heading', { level: 1 })).toHaveText('This invitation is for another email address');
  await waits(brine, home);
  await other.getByRole('button', { name: 'Sign out and continue' }).click();
  await expect(other.getByRole('heading', { level: 1 })).toHaveText('Ada Byrne invites you to join Brine & Sons');
  await joins(other, brine);
  await expect(other).toHaveURL(brine.path('welcome'));
});

test('declining in the first tab leaves the second alone', async ({ page, acme, organization }) => {
  const grace = acme.person('Grace Okafor');
  const brine = await organization('Brine & Sons');
  await page.goto(await acme.invitesByMail(grace));
  await tab(page, await brine.invitesByMail(grace));
  await page.getByRole('link', { name: 'Decline the invitation' }).click();
  await page.getByRole('link', { name: 'Back to the invitation' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Ada Byrne invites you to join Acme Press');
  await page.getByRole('link', { name: 'Decline the invitation' }).click();
  await page.getByRole('button', { name: 'Decline' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('You have declined');
  await waits(brine, grace);
});

test('a code is mailed and taken for the link of its own tab', async ({ page, acme, organization, server }) => {
  const grace = acme.person('Grace Okafor');
  const brine = await organization('Brine & Sons');
  await page.goto(await acme.handsLinkTo(grace));
  const other = await tab(page, await brine.handsLinkTo(grace));
  await page.getByRole('button', { name: 'Email me a code' }).click();
  const letter = await server.mailbox.next(grace.address);
  expect(letter.text).toContain('Acme Press');
  await page.getByLabel('Code').fill(code(letter));
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Ada Byrne invites you to join Acme Press');
  await other.reload();
  await expect(other.getByRole('button', { name: 'Email me a code' })).toBeVisible();
});

test('who has an account signs in on the page of a link that was handed over', async ({ page, acme, organization }) => {
  const grace = acme.person('Grace Okafor');
  await acme.welcomes(grace);
  const brine = await organization('Brine & Sons');
  await page.goto(await brine.handsLinkTo(grace));
  await page.getByText('I have an account with this email address').click();
  await page.getByLabel('Your account’s password').fill('a wrong password');
  await page.getByRole('button', { name: 'Sign in to join' }).click();
  await expect(page.getByRole('alert')).toContainText('That email address and password don’t match');
  await page.getByLabel('Your account’s password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in to join' }).click();
  await page.getByRole('button', { name: 'Join Brine & Sons' }).click();
  await expect(page).toHaveURL(brine.path('welcome'));
});

test('nobody is signed out but who the page names', async ({ page, acme, organization }) => {
  const brine = await organization('Brine & Sons');
  const noor = acme.person('Noor El-Sayed');
  await signIn(page, brine.owner);
  await page.goto(await acme.invitesByMail(noor));
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('This invitation is for another email address');
  const other = await page.context().newPage();
  await other.goto('/organizations');
  await other.getByRole('button', { name: 'Sign out' }).click();
  await signIn(other, acme.owner);
  // signing out emptied the browser, so the page of the invitation is opened anew
  await page.getByRole('button', { name: 'Sign out and continue' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('You’re invited');
  await expect(page.getByText('To see the invitation, open the link from your email again, in this browser.')).toBeVisible();
  await other.goto(acme.path('invitations'));
  await expect(other.getByRole('heading', { level: 1 })).toHaveText('Invitations');
});

test('an offer that was changed meanwhile is shown before it is accepted', async ({ page, acme }) => {
  const grace = acme.person('Grace Okafor');
  await page.goto(await acme.invitesByMail(grace));
  await page.getByLabel('Your name').fill('Grace B. Okafor');
  const desk = await acme.opens(grace);
  await desk.getByRole('link', { name: 'Edit' }).click();
  await desk.getByRole('checkbox', { name: /^Member/ }).uncheck();
  await desk.getByRole('checkbox', { name: /^Admin/ }).check();
  await desk.getByRole('button', { name: /Change|Save/ }).click();
  await joins(page, acme);
  await expect(page.getByRole('status')).toContainText(
    'The roles were changed from Member to Admin since you opened this page. Nothing has been accepted.',
  );
  await expect(page.getByLabel('Your name')).toHaveValue('Grace B. Okafor');
  await joins(page, acme);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('You’re now a member of Acme Press, as Admin');
  await page.goto(acme.path('members'));
  await expect(page.getByRole('row', { name: /Grace B\. Okafor/ })).toContainText('Admin');
});
