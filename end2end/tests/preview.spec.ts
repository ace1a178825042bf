// Without scripts, and before they run, the preview of a mail is a page of its own in another tab.
import { expect, test } from '../support/check';
import { signIn } from '../support/people';
import { readsWell } from '../support/reads';

test('the preview opens in another tab, and the form stays as it was', async ({ page, acme, javaScriptEnabled }) => {
  const scripts = javaScriptEnabled !== false;
  const grace = acme.person('Grace Okafor');
  await signIn(page, acme.owner);
  await page.goto(acme.path('invitations/new'));
  await page.getByLabel('Email addresses', { exact: true }).fill(`${grace.name} <${grace.address}>`);
  await page.getByLabel('Personal message').fill('Come & do the plates with us.\n\nAda');
  const button = page.getByRole('button', { name: 'Preview', exact: true });
  const opens = page.context().waitForEvent('page');
  if (scripts) {
    // as the browser does it while the scripts are still on their way
    await button.evaluate(element => (element as HTMLButtonElement).form!.requestSubmit(element as HTMLButtonElement));
  } else {
    await button.click();
  }
  const preview = await opens;
  await expect(preview.getByRole('heading', { level: 1 })).toHaveText('Preview');
  await expect(preview.getByText('Nothing has been sent.')).toBeVisible();
  await expect(preview.getByRole('definition').filter({ hasText: grace.address })).toBeVisible();
  await expect(preview.getByText('Ada Byrne invites you to join Acme Press', { exact: true })).toBeVisible();
  await expect(preview.getByRole('region', { name: 'The mail as plain text' }).last()).toContainText('See the invitation:');

  const letter = preview.frameLocator('iframe');
  // each button loads the page anew
  const hasGround = (colour: string) => expect(letter.locator('body')).toHaveCSS('background-color', colour);
  await preview.getByRole('button', { name: 'Show in dark' }).click();
  await expect(letter.getByText('Come & do the plates with us.')).toBeVisible();
  await hasGround('rgb(13, 17, 22)');
  if (scripts) await readsWell(preview, 'the page of a preview');
  await preview.getByRole('button', { name: 'Show in light' }).click();
  await hasGround('rgb(247, 246, 244)');
  await preview.getByRole('radio', { name: 'Desktop' }).check();
  expect((await preview.locator('iframe').boundingBox())!.width).toBeGreaterThanOrEqual(640);
  await preview.close();

  await expect(page.getByLabel('Personal message')).toHaveValue('Come & do the plates with us.\n\nAda');
  await page.getByRole('button', { name: /^Invite/ }).click();
  await expect(page.getByText('1 person invited')).toBeVisible();
});

test('a form that can’t be sent comes back in the other tab', async ({ page, acme, javaScriptEnabled }) => {
  await signIn(page, acme.owner);
  await page.goto(acme.path('invitations/new'));
  await page.getByLabel('Personal message').fill('See https://evil.example');
  const button = page.getByRole('button', { name: 'Preview', exact: true });
  const opens = page.context().waitForEvent('page');
  if (javaScriptEnabled === false) await button.click();
  else await button.evaluate(element => (element as HTMLButtonElement).form!.requestSubmit(element as HTMLButtonElement));
  const preview = await opens;
  await expect(preview.getByText('In its first week')).toBeVisible();
  await expect(preview.getByLabel('Personal message')).toHaveValue('See https://evil.example');
});
