// The invitee's way in, by the mailed link and by one that was handed over.
import { expect, test } from '../support/check';
import { code, link } from '../support/mailbox';
import { PASSWORD, accept, signIn } from '../support/people';

test('somebody new joins with a name and a password, and is told apart in the list', async ({ page, acme, server }) => {
  const grace = acme.person('Grace Okafor');
  const url = await acme.invitesByMail(grace, { roles: ['Admin'], message: 'Come and do the plates with us.' });
  await page.goto(url);
  expect(new URL(page.url()).pathname).toBe('/accept');
  expect(page.url()).not.toContain('vst_');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Ada Byrne invites you to join Acme Press');
  await expect(page.getByRole('definition').filter({ hasText: 'Admin' })).toBeVisible();
  await expect(page.getByRole('definition').filter({ hasText: grace.address })).toBeVisible();
  const end = /^until [A-Z][a-z]+, \d{1,2} [A-Z][a-z]+( \d{4})?, \d{2}:\d{2} UTC \(in \d+ days\)$/;
  await expect(page.getByRole('definition').filter({ hasText: 'UTC' })).toHaveText(end);
  await expect(page.getByRole('blockquote')).toContainText('Come and do the plates with us.');
  await expect(page.getByLabel('Your name')).toHaveValue('Grace Okafor');
  await page.getByLabel('Choose a password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Join Acme Press' }).click();
  await expect(page).toHaveURL(acme.path('welcome'));
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('You’re now a member of Acme Press, as Admin');
  await page.getByRole('link', { name: 'Go to Acme Press' }).click();
  await expect(page).toHaveURL(acme.path('invitations'));
  await page.goto(acme.path('members'));
  await expect(page.getByRole('row', { name: /Grace Okafor/ })).toContainText('Admin');
  const letter = await server.mailbox.next(acme.owner.address);
  expect(letter.subject).toContain('Grace Okafor');
});

test('a short password is refused and what was typed stays', async ({ page, acme }) => {
  const grace = acme.person('Grace Okafor');
  await page.goto(await acme.invitesByMail(grace));
  await page.getByLabel('Your name').fill('Grace A. Okafor');
  await page.getByLabel('Choose a password').fill('too short');
  await page.getByRole('button', { name: 'Join Acme Press' }).click();
  await expect(page.getByLabel('Choose a password')).toHaveAccessibleDescription(/Use at least 12 characters\. This has 9\./);
  await expect(page.getByLabel('Your name')).toHaveValue('Grace A. Okafor');
  await accept(page, grace, acme.name);
});

test('somebody known signs in first: the link alone never does', async ({ page, acme, organization }) => {
  const grace = acme.person('Grace Okafor');
  await acme.welcomes(grace);
  const brine = await organization('Brine & Sons');
  await page.goto(await brine.invitesByMail(grace));
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Ada Byrne invites you to join Brine & Sons');
  await expect(page.getByLabel('Your name')).toHaveCount(0);
  await page.getByLabel('Your password for').fill('a wrong password');
  await page.getByRole('button', { name: 'Sign in to join' }).click();
  await expect(page.getByRole('alert')).toContainText('That email address and password don’t match');
  await page.getByLabel('Your password for').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in to join' }).click();
  await expect(page.getByText('Signed in as Grace Okafor')).toBeVisible();
  await page.getByRole('button', { name: 'Join Brine & Sons' }).click();
  await expect(page).toHaveURL(brine.path('welcome'));
});

test('a password that was forgotten on the way leads back to the invitation', async ({ page, acme, organization, server }) => {
  const grace = acme.person('Grace Okafor');
  await acme.welcomes(grace);
  const brine = await organization('Brine & Sons');
  await page.goto(await brine.invitesByMail(grace));
  await page.getByRole('link', { name: 'Forgotten password' }).click();
  await expect(page.getByLabel('Email address')).toHaveValue(grace.address);
  expect(page.url()).not.toContain('grace');
  await page.getByRole('button', { name: 'Email me a link' }).click();
  await expect(page.getByRole('link', { name: 'Back to the invitation' })).toBeVisible();
  await page.goto(link(await server.mailbox.next(grace.address), '/choose-password'));
  await page.getByLabel('New password').fill('another five words in a row');
  await page.getByRole('button', { name: 'Set password' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Ada Byrne invites you to join Brine & Sons');
  await expect(page.getByText('Signed in as Grace Okafor')).toBeVisible();
  await page.getByRole('button', { name: 'Join Brine & Sons' }).click();
  await expect(page).toHaveURL(brine.path('welcome'));
});

test('on a phone the button is on the first screen, with a message and with an error', async ({ page, acme }) => {
  const [width, height] = [390, 844];
  await page.setViewportSize({ width, height });
  const join = page.getByRole('button', { name: 'Join Acme Press' });
  const end = async (): Promise<number> => {
    const box = (await join.boundingBox())!;
    return box.y + box.height;
  };
  const words = 'Your notes on the hedgerow plates were a joy. Come and do the rest with us?';
  for (const [name, message] of [['Grace Okafor', words], ['Alan Pemberton', `${words} `.repeat(20).trim()]] as const) {
    await page.goto(await acme.invitesByMail(acme.person(name), { message }));
    await expect(page.getByRole('blockquote')).toContainText(message);
    expect(await end()).toBeLessThanOrEqual(height);
    await page.getByLabel('Choose a password').fill('too short');
    await join.click();
    await expect(page.getByLabel('Choose a password')).toHaveAccessibleDescription(/Use at least 12 characters/);
    expect(await end()).toBeLessThanOrEqual(height);
  }
});

test('signed in as the invitee it takes one button', async ({ page, acme, organization }) => {
  const grace = acme.person('Grace Okafor');
  await acme.welcomes(grace);
  const brine = await organization('Brine & Sons');
  const url = await brine.invitesByMail(grace);
  await signIn(page, grace);
  await page.goto(url);
  await expect(page.getByText(`Signed in as Grace Okafor`)).toBeVisible();
  await page.getByRole('button', { name: 'Join Brine & Sons' }).click();
  await expect(page).toHaveURL(brine.path('welcome'));
  await page.goto(brine.path('members'));
  await expect(page.getByRole('row', { name: /Grace Okafor/ })).toBeVisible();
});

test('signed in as somebody else nothing is accepted, and the account can be switched', async ({ page, acme, organization }) => {
  const brine = await organization('Brine & Sons');
  const noor = acme.person('Noor El-Sayed');
  const url = await acme.invitesByMail(noor);
  await signIn(page, brine.owner);
  await page.goto(url);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('This invitation is for another email address');
  await expect(page.getByText(`It was sent to n•••@${acme.slug}.example.`)).toBeVisible();
  await expect(page.getByText('You are signed in as someone else, so nothing has been accepted.')).toBeVisible();
  await expect(page.getByText(noor.address)).toHaveCount(0);
  await page.getByRole('button', { name: 'Sign out and continue' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Ada Byrne invites you to join Acme Press');
  await accept(page, noor, acme.name);
});

test('a link that was handed over asks for a code that is mailed', async ({ page, acme, server }) => {
  const grace = acme.person('Grace Okafor');
  await page.goto(await acme.handsLinkTo(grace));
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('One more step');
  await expect(page.getByText(grace.address)).toHaveCount(0);
  expect(server.mailbox.letters(grace.address)).toEqual([]);
  await page.getByRole('button', { name: 'Email me a code' }).click();
  await expect(page.getByText(`Someone gave you this link, so we’ve emailed a code to g•••@${acme.slug}.example. Enter its six digits here.`)).toBeVisible();
  const digits = code(await server.mailbox.next(grace.address));

  await page.getByLabel('Code').fill(digits === '123456' ? '654321' : '123456');
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.getByLabel('Code')).toHaveAccessibleDescription(/That is not the code\. 4 tries are left\. The newest email has the right code\./);

  await page.getByLabel('Code').fill(digits);
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Ada Byrne invites you to join Acme Press');
  await accept(page, grace, acme.name);
});

test('a newer code takes the place of the one before', async ({ page, acme, server }) => {
  const grace = acme.person('Grace Okafor');
  await page.goto(await acme.handsLinkTo(grace));
  await page.getByRole('button', { name: 'Email me a code' }).click();
  const first = code(await server.mailbox.next(grace.address));
  await page.getByRole('button', { name: 'Email another code' }).click();
  const second = code(await server.mailbox.next(grace.address));
  if (first !== second) {
    await page.getByLabel('Code').fill(first);
    await page.getByRole('button', { name: 'Continue' }).click();
    await expect(page.getByLabel('Code')).toHaveAccessibleDescription(/That is not the code/);
  }
  await page.getByLabel('Code').fill(second);
  await page.getByRole('button', { name: 'Continue' }).click();
  await accept(page, grace, acme.name);
});

test('an invitation is declined with a reason, which the inviter reads', async ({ page, acme, server }) => {
  const grace = acme.person('Grace Okafor');
  const url = await acme.invitesByMail(grace);
  await page.goto(url);
  await page.getByRole('link', { name: 'Decline the invitation' }).click();
  await expect(page.getByText('Ada Byrne will see that you declined, and your reason if you give one.')).toBeVisible();
  await page.getByLabel('Reason').fill('My desk is full until spring.');
  await page.getByRole('button', { name: 'Decline' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('You have declined');
  expect((await server.mailbox.next(acme.owner.address)).text).toContain('My desk is full until spring.');
  const desk = await acme.opens(grace);
  await expect(desk.getByText('My desk is full until spring.')).toBeVisible();
});

test('a member who is invited elsewhere by an old link is told so', async ({ page, acme }) => {
  const grace = acme.person('Grace Okafor');
  const url = await acme.invitesByMail(grace);
  await page.goto(url);
  await accept(page, grace, acme.name);
  await page.goto(url);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('This invitation has been accepted');
  await page.getByRole('link', { name: 'Go to Acme Press' }).click();
  await expect(page).toHaveURL(acme.path('invitations'));
});
