// The dialog that edits invitations in place: with the keyboard alone, on a slow network, signed out in the middle, in
// several tabs and browsers, with many roles.
import type { Page } from '@playwright/test';
import { expect, test } from '../support/check';
import { slow } from '../support/network';
import { endSession, scripted, signIn, type Organization } from '../support/people';
import { readsWell } from '../support/reads';

const row = (page: Page, name: string) => page.getByRole('row', { name: new RegExp(name) });
const dialog = (page: Page) => page.getByRole('dialog', { name: /^Edit / });
const chosen = (page: Page) => page.getByRole('group', { name: 'Selected invitations' });
const box = (page: Page, role: string) => dialog(page).getByRole('checkbox', { name: new RegExp(`^${role}`) });

/** Grace is invited, and the owner opens her invitation. */
async function opensGrace(page: Page, acme: Organization): Promise<void> {
  await acme.invites(acme.person('Grace Okafor'));
  await signIn(page, acme.owner);
  await page.getByRole('link', { name: 'Grace Okafor' }).click();
  await scripted(page);
}

test('with the keyboard alone, from the list', async ({ page, acme }) => {
  await acme.invites(acme.person('Grace Okafor'));
  await signIn(page, acme.owner);
  await scripted(page);
  await page.keyboard.press('e');
  await expect(dialog(page)).toBeHidden();
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  await page.keyboard.press('e');
  await expect(dialog(page)).toBeVisible();
  await readsWell(page, 'editing in place');
  await page.keyboard.press('Escape');
  await expect(dialog(page)).toBeHidden();
  await expect(chosen(page)).toContainText('1 selected');
  await page.keyboard.press('e');
  await box(page, 'Admin').focus();
  await page.keyboard.press('Space');
  await page.keyboard.press('Control+Enter');
  await expect(page.getByText('Invitation updated')).toBeVisible();
  await expect(dialog(page)).toBeHidden();
  await expect(chosen(page)).toBeHidden();
  await expect(row(page, 'Grace Okafor')).toContainText('Admin, Member');
  await page.keyboard.press('z');
  await expect(page.getByText('The invitation is as it was before.')).toBeVisible();
  await expect(row(page, 'Grace Okafor')).not.toContainText('Admin');
});

test('on the page of an invitation, with a way to everything else', async ({ page, acme }) => {
  await opensGrace(page, acme);
  const edit = page.getByRole('link', { name: 'Edit' });
  await edit.click();
  await expect(dialog(page)).toContainText('Edit invitation to Grace Okafor');
  await expect(box(page, 'Member')).toBeChecked();
  await dialog(page).getByRole('button', { name: 'Cancel' }).click();
  await expect(dialog(page)).toBeHidden();
  await expect(edit).toBeFocused();
  await edit.click();
  await box(page, 'Admin').check();
  await dialog(page).getByLabel('Expires after').selectOption('30 days from now');
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Invitation updated')).toBeVisible();
  await expect(page.getByRole('definition').filter({ hasText: 'Admin' }).first()).toBeVisible();
  await expect(page.getByText('edited the invitation').first()).toBeVisible();
  await edit.click();
  await dialog(page).getByRole('link', { name: 'Edit the message and everything else' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Edit invitation to Grace Okafor');
});

test('on a slow network one press is enough, and the dialog says that it works', async ({ page, acme }) => {
  await opensGrace(page, acme);
  await slow(page, 2_000);
  const calls: string[] = [];
  page.on('request', request => { if (/\/fn\/invitations\/edit/.test(request.url())) calls.push(request.url()); });
  await page.getByRole('link', { name: 'Edit' }).dblclick();
  await expect(page.getByText('Opening…').filter({ visible: true })).toBeVisible();
  await box(page, 'Admin').check();
  await dialog(page).getByRole('button', { name: 'Save' }).dblclick();
  await expect(dialog(page).getByText('Saving…')).toBeVisible();
  await expect(page.getByText('Invitation updated')).toBeVisible();
  expect(calls).toHaveLength(2);
});

test('who is signed out in the middle signs in again and saves what was chosen', async ({ page, acme, complaints }) => {
  await opensGrace(page, acme);
  await page.getByRole('link', { name: 'Edit' }).click();
  await box(page, 'Admin').check();
  await endSession(page);
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await expect(dialog(page)).toContainText('You are signed out. Sign in in a new tab, then go on here. Nothing on this page is lost.');
  await readsWell(page, 'editing, signed out');
  const opened = page.context().waitForEvent('page');
  await dialog(page).getByRole('link', { name: 'Sign in in a new tab' }).click();
  await signIn(await opened, acme.owner);
  await expect(box(page, 'Admin')).toBeChecked();
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Invitation updated')).toBeVisible();
  await expect(page.getByRole('definition').filter({ hasText: 'Admin' }).first()).toBeVisible();
  // the browser says of each refusal that it was one
  expect(complaints.filter(complaint => !/401/.test(complaint))).toEqual([]);
  complaints.length = 0;
});

test('without an answer nothing is lost', async ({ page, acme, complaints }) => {
  await opensGrace(page, acme);
  await page.getByRole('link', { name: 'Edit' }).click();
  await box(page, 'Admin').check();
  await page.route(/invitations\/edit$/, route => route.abort());
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await expect(dialog(page)).toContainText('No response. Check your connection, then try again.');
  await expect(box(page, 'Admin')).toBeChecked();
  await page.unroute(/invitations\/edit$/);
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Invitation updated')).toBeVisible();
  complaints.length = 0;
});

test('two tabs and two browsers: what somebody else changed meanwhile is kept', async ({ page, acme, browser, server, extraHTTPHeaders }) => {
  await acme.invites(acme.person('Grace Okafor'));
  await signIn(page, acme.owner);
  const tab = await page.context().newPage();
  const elsewhere = await (await browser.newContext({ baseURL: server.url, extraHTTPHeaders: extraHTTPHeaders ?? {} })).newPage();
  await tab.goto(acme.path('invitations'));
  await signIn(elsewhere, acme.owner);
  for (const one of [page, tab, elsewhere]) {
    await scripted(one);
    await one.getByRole('checkbox', { name: 'Select Grace Okafor' }).check();
    await chosen(one).getByRole('button', { name: 'Edit' }).click();
    await expect(dialog(one)).toBeVisible();
  }
  await box(page, 'Admin').check();
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Invitation updated')).toBeVisible();
  const endsIn = async (other: Page, days: number) => {
    await dialog(other).getByLabel('Expires after').selectOption(`${days} days from now`);
    await dialog(other).getByRole('button', { name: 'Save' }).click();
  };
  // this one has the roles as they were, and changes the end only
  await expect(row(tab, 'Grace Okafor')).toContainText('Admin, Member');
  await endsIn(tab, 30);
  await expect(tab.getByText('Invitation updated')).toBeVisible();
  // who chooses another end without having seen that one is told
  await expect(row(elsewhere, 'Grace Okafor')).toContainText('30 days left');
  await endsIn(elsewhere, 90);
  await expect(dialog(elsewhere).getByRole('status')).toContainText('Somebody has changed this since you opened it');
  await dialog(elsewhere).getByRole('button', { name: 'Cancel' }).click();
  await chosen(elsewhere).getByRole('button', { name: 'Edit' }).click();
  await endsIn(elsewhere, 90);
  await expect(elsewhere.getByText('Invitation updated')).toBeVisible();
  for (const one of [page, tab, elsewhere]) {
    await expect(row(one, 'Grace Okafor')).toContainText('Admin, Member');
    await expect(row(one, 'Grace Okafor')).toContainText('90 days left');
  }
});

test('an invitation that was closed meanwhile can’t be edited', async ({ page, acme, complaints }) => {
  await opensGrace(page, acme);
  await page.getByRole('link', { name: 'Edit' }).click();
  await box(page, 'Admin').check();
  const desk = await acme.opens(acme.person('Grace Okafor'));
  await desk.getByRole('link', { name: 'Revoke' }).click();
  await desk.getByRole('button', { name: 'Revoke' }).click();
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await expect(dialog(page).getByRole('status')).toContainText('revoked');
  await page.keyboard.press('Escape');
  await expect(page.getByText('Ada Byrne revoked it; the link no longer works')).toBeVisible();
  expect(complaints.filter(complaint => !/409/.test(complaint))).toEqual([]);
  complaints.length = 0;
});

test('with many roles, some are found by their name, and those chosen stay in sight', async ({ page, acme }) => {
  const desk = await acme.desk();
  for (let number = 1; number <= 9; number++) {
    await desk.goto(acme.path('roles/new'));
    await desk.getByLabel('Name').fill(`Team ${number}`);
    await desk.getByRole('button', { name: 'Create role' }).click();
    await desk.getByText(`Role “Team ${number}” created`).waitFor();
  }
  await acme.invites(acme.person('Grace Okafor'));
  await signIn(page, acme.owner);
  await page.goto(acme.path('invitations/new'));
  await scripted(page);
  const roles = page.getByRole('group', { name: 'Roles' });
  const find = roles.getByRole('searchbox', { name: 'Find a role' });
  await expect(roles.getByRole('status')).toHaveText('1 of 12 chosen', { useInnerText: true });
  await find.fill('team 2');
  await expect(roles.getByRole('checkbox')).toHaveCount(2);
  await roles.getByRole('checkbox', { name: /^Team 2/ }).check();
  await expect(roles.getByRole('status')).toHaveText('2 of 12 chosen', { useInnerText: true });
  await find.press('Enter');
  await expect(page).toHaveURL(/\/new$/);
  await find.fill('nothing like it');
  await expect(roles.getByRole('status')).toContainText('No role matches.');
  await expect(roles.getByRole('checkbox', { checked: true })).toHaveCount(2);
  await readsWell(page, 'inviting with many roles');
  await find.fill('');
  await expect(roles.getByRole('checkbox')).toHaveCount(12);
  expect((await roles.boundingBox())!.height).toBeLessThan(480);
  await page.getByLabel('Email addresses', { exact: true }).fill(acme.person('Lee Kim').address);
  await page.getByRole('button', { name: /^Invite/ }).click();
  await expect(row(page, 'lee@')).toContainText('Team 2');
  await row(page, 'lee@').getByRole('link').click();
  await scripted(page);
  await page.getByRole('link', { name: 'Edit' }).click();
  await expect(dialog(page).getByRole('checkbox').first()).toBeChecked();
  await dialog(page).getByRole('searchbox').fill('team 7');
  await expect(dialog(page).getByRole('checkbox')).toHaveCount(3);
  await readsWell(page, 'editing with many roles');
});
