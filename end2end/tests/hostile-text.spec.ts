// Whatever people write is text, on every page and in every state of the page.
import { expect, test } from '../support/check';
import { accept, forgetSession, signIn } from '../support/people';

const CORPUS = [
  `<script>alert(1)</script>`,
  `"><img src=x onerror=alert(1)>`,
  `'><svg onload=alert(1)>`,
  `</textarea><script>alert(1)</script>`,
  `</title><script>alert(1)</script>`,
  `<!--<script>alert(1)`,
  `{{7*7}}\${7*7}<%= 7*7 %>`,
  `javascript:alert(1)`,
  `&lt;b&gt; &amp;amp; &#x27;`,
];

test('names, messages and organizations that try to be markup stay text', async ({ page, organization }) => {
  test.slow();
  for (const hostile of CORPUS.slice(0, 3)) {
    const acme = await organization(`Acme ${hostile}`);
    const grace = { name: `Grace ${hostile}`, address: `grace@${acme.slug}.example` };
    const desk = await acme.desk();
    await desk.goto(acme.path('invitations/new'));
    await desk.getByLabel('Email addresses', { exact: true }).fill(grace.address);
    await desk.getByLabel('Personal message').fill(CORPUS.join('\n'));
    await desk.getByRole('button', { name: /^Invite/ }).click();
    const url = await acme.linkFor(grace);

    await page.goto(url);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(`Ada Byrne invites you to join Acme ${hostile}`);
    for (const line of CORPUS) await expect(page.getByRole('blockquote')).toContainText(line);
    await accept(page, grace, `Acme ${hostile}`);
    await page.goto(acme.path('members'));
    await expect(page.getByRole('row', { name: 'Grace' })).toContainText(grace.name);
    await page.getByRole('row', { name: 'Grace' }).getByRole('link').first().click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(grace.name);
    await forgetSession(page);

    await signIn(page, acme.owner);
    await page.getByRole('cell').getByRole('link').click();
    for (const line of CORPUS) await expect(page.getByRole('blockquote')).toContainText(line);
    await expect(page.getByText(`${grace.name} accepted`)).toBeVisible();
    await page.goto(acme.path('outbox'));
    await page.getByRole('row', { name: new RegExp(grace.address) }).last().getByRole('link').click();
    await expect(page.frameLocator('iframe').getByText(CORPUS[6]!)).toBeVisible();
    await forgetSession(page);
  }
});

test('a refused form shows what was typed as text', async ({ page, acme }) => {
  await signIn(page, acme.owner);
  await page.goto(acme.path('invitations/new'));
  const message = CORPUS.join('\n');
  await page.getByLabel('Email addresses', { exact: true }).fill(CORPUS.slice(0, 5).join('\n'));
  await page.getByLabel('Personal message').fill(message);
  await page.getByRole('button', { name: /^Invite/ }).click();
  await expect(page.getByRole('heading', { name: 'Results' })).toBeVisible();
  await expect(page.getByLabel('Personal message')).toHaveValue(message);

});

test('an address that tries to be markup stays text', async ({ page, acme }) => {
  await signIn(page, acme.owner);
  for (const text of [CORPUS[0], CORPUS[1], CORPUS[3], CORPUS[8]] as string[]) {
    await page.goto(acme.path(`invitations?q=${encodeURIComponent(text)}`));
    await expect(page.getByLabel('Search by name or email address')).toHaveValue(text);
    await page.goto(acme.path(`members?q=${encodeURIComponent(text)}`));
    await expect(page.getByLabel('Search by name or email address')).toHaveValue(text);
    await page.goto(acme.path(`invitations/new?to=${encodeURIComponent(text)}`));
    await expect(page.getByLabel('Email addresses', { exact: true })).toHaveValue(text);
    await page.goto(acme.path(`invitations/${encodeURIComponent(text)}`));
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('This page doesn’t exist');
  }
});
