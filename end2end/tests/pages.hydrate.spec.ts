// Every page in every state, for everybody: axe in both colour schemes, and no sideways scroll on a phone.
import { expect, test } from '../support/check';
import { PASSWORD, anotherBrowser, signIn } from '../support/people';
import { readsWell } from '../support/reads';

const heading = { level: 1 } as const;

test('signing in and what belongs to it', async ({ page, acme, organization }) => {
  await page.goto('/sign-in');
  await readsWell(page, 'sign in');
  await page.getByLabel('Address').fill(acme.owner.address);
  await page.getByLabel('Password', { exact: true }).fill('a wrong password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await readsWell(page, 'sign-in refused');
  await page.goto('/forgot-password');
  await readsWell(page, 'forgotten password');
  await page.goto('/choose-password');
  await readsWell(page, 'a used-up link');
  await page.goto('/no-such-page');
  await readsWell(page, 'no such page');
  await organization('Brine & Sons', acme.owner);
  await signIn(page, acme.owner);
  await readsWell(page, 'organizations');
});

test('the invitee’s pages', async ({ page, acme, organization, server, browser, extraHTTPHeaders }) => {
  test.slow();
  const [grace, alan] = [acme.person('Grace Okafor'), acme.person('Alan Pemberton')];
  const url = await acme.invitesByMail(grace, { message: 'Come and do the plates with us.' });
  await page.goto(url);
  await readsWell(page, 'an offer to somebody new');
  await page.getByLabel('Choose a password').fill('short');
  await page.getByLabel('Your name').fill('');
  await page.getByLabel('Your name').evaluate(field => field.removeAttribute('required'));
  await page.getByRole('button', { name: 'Join Acme Press' }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await readsWell(page, 'an answer refused');
  await page.goto('/accept/decline');
  await readsWell(page, 'declining');
  await acme.resends(grace);
  await page.goto(url);
  await readsWell(page, 'a replaced link');
  await page.getByRole('button', { name: 'Ask for a new invitation' }).click();
  await readsWell(page, 'asked again');
  await acme.revokes(grace);
  await page.goto(url);
  await readsWell(page, 'a withdrawn invitation');
  await page.goto(`${url}x`);
  await readsWell(page, 'an unknown link');

  await page.goto(await acme.handsLinkTo(alan));
  await readsWell(page, 'a shared link');
  await page.getByRole('button', { name: 'Mail me a code' }).click();
  await readsWell(page, 'a code');
  await page.context().clearCookies();
  await page.goto('/accept');
  await readsWell(page, 'no visit');

  const brine = await organization('Brine & Sons');
  const known = await brine.invitesByMail(acme.owner);
  await page.goto(known);
  await readsWell(page, 'an offer to somebody known');
  await page.getByLabel('Your password here').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in to join' }).click();
  await expect(page.getByRole('button', { name: 'Join Brine & Sons' })).toBeVisible();
  await readsWell(page, 'an offer, signed in');
  const stranger = await anotherBrowser(browser, server.url, extraHTTPHeaders ?? {});
  await stranger.goto(known);
  await stranger.getByRole('link', { name: 'Decline' }).click();
  await stranger.getByRole('button', { name: 'Decline' }).click();
  await page.goto(known);
  await readsWell(page, 'a declined invitation');
  await page.goto(await acme.invitesByMail(acme.person('Joan Whitlock')));
  await readsWell(page, 'signed in as somebody else, who may be anybody');
});

test('invitations', async ({ page, acme }) => {
  test.slow();
  const [grace, alan] = [acme.person('Grace Okafor'), acme.person('Alan Pemberton')];
  await signIn(page, acme.owner);
  await expect(page.getByRole('heading', heading)).toHaveText('Invitations');
  await readsWell(page, 'nobody invited yet');
  await acme.invites(grace, { message: 'Come and do the plates with us.' });
  await acme.invites(alan);
  await acme.revokes(alan);
  await page.reload();
  await readsWell(page, 'invitations');
  await page.getByRole('checkbox', { name: 'Select Grace Okafor' }).check();
  await readsWell(page, 'invitations, one selected');
  await page.getByRole('group', { name: 'Selected invitations' }).getByRole('button', { name: 'Revoke…' }).click();
  await expect(page.getByRole('heading', heading)).toHaveText('Revoke 1 invitation?');
  await readsWell(page, 'revoking several');
  await page.goto(acme.path('invitations?status=expired'));
  await readsWell(page, 'nothing found');

  await page.goto(acme.path('invitations/new'));
  await readsWell(page, 'inviting');
  await page.getByLabel('Addresses').fill(`joan@${acme.slug}.example\n${grace.address}\nno address`);
  await page.getByRole('button', { name: /^Invite/ }).click();
  await expect(page.getByRole('heading', { name: 'What came of each address' })).toBeVisible();
  await readsWell(page, 'what came of each address');
  await page.goto(acme.path('invitations/new'));
  await page.getByRole('checkbox', { name: /^Member/ }).uncheck();
  await page.getByRole('button', { name: /^Invite/ }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await readsWell(page, 'an invite refused');

  await page.goto(acme.path('invitations'));
  await page.getByRole('link', { name: 'Grace Okafor' }).click();
  await expect(page.getByRole('heading', heading)).toHaveText('Grace Okafor');
  await readsWell(page, 'an invitation');
  await page.getByRole('link', { name: 'Edit' }).click();
  await expect(page.getByRole('heading', heading)).toHaveText('Change the offer to Grace Okafor');
  await readsWell(page, 'changing an offer');
  await page.goBack();
  await page.getByRole('link', { name: 'Revoke…' }).click();
  await expect(page.getByRole('heading', heading)).toHaveText('Revoke the invitation of Grace Okafor?');
  await readsWell(page, 'revoking');
  await page.goto(acme.path('invitations/01890000-0000-7000-8000-000000000000'));
  await readsWell(page, 'no such invitation');
});

test('members and outbox', async ({ page, acme }) => {
  test.slow();
  const grace = acme.person('Grace Okafor');
  await acme.welcomes(grace);
  await signIn(page, acme.owner);
  await page.goto(acme.path('members'));
  await readsWell(page, 'members');
  await page.goto(acme.path('members/leave'));
  await readsWell(page, 'leaving as the last owner');
  await page.goto(acme.path('members'));
  await page.getByRole('row', { name: /Grace Okafor/ }).getByRole('link').first().click();
  await expect(page.getByRole('heading', heading)).toHaveText('Grace Okafor');
  await readsWell(page, 'a member');
  await page.getByRole('link', { name: 'Remove…' }).click();
  await expect(page.getByRole('heading', heading)).toHaveText('Remove Grace Okafor?');
  await readsWell(page, 'removing a member');
  await page.goto(acme.path('outbox'));
  await readsWell(page, 'outbox');
  await page.getByRole('row', { name: new RegExp(grace.address) }).getByRole('link').click();
  await expect(page.getByRole('navigation', { name: 'Form' })).toBeVisible();
  await readsWell(page, 'a mail');
  await page.getByRole('navigation', { name: 'Form' }).getByRole('link', { name: 'Raw' }).click();
  await expect(page.getByRole('region', { name: 'The letter as it is sent' })).toBeVisible();
  await readsWell(page, 'a mail, raw');
});
